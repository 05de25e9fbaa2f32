/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "context.h"
#include "stroma_config.h"

#include "stroma/json.h"

#include <gnu/libc-version.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static const char *cpu_level(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return "x86-64-v4";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "x86-64-v3";
    return "x86-64";
#elif defined(__aarch64__)
    return "aarch64";
#else
    return "other";
#endif
}

static bool has_sanitizers(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

void cli_about(FILE *f)
{
    fputs("stroma " STROMA_VERSION "\n"
          "\n"
          "Intended use: research. stroma analyses data of clinical trials and of laboratory\n"
          "assays of mesenchymal stromal cell therapy: it reads what was recorded, computes\n"
          "scores, response groups and statistics, and reports them with their sources.\n"
          "\n"
          "It is for research use only. It is not a medical device and has not been cleared or\n"
          "approved by any authority. It must not be used to diagnose, to choose or withhold a\n"
          "treatment, or to guide the care of a patient. A result that concerns one patient\n"
          "takes reported values, shows its inputs and its limits, and lists options; it gives\n"
          "no orders. Whoever uses a result must be able to review the data behind it:\n"
          "`stroma trace` shows them.\n"
          "\n"
          "It supports record keeping as 21 CFR Part 11 and EU Annex 11 ask for (hashes of the\n"
          "inputs, provenance of every number); it does not by itself make a study compliant.\n"
          "\n"
          "Free software under the GNU General Public License, version 3 or later. There is no\n"
          "warranty, to the extent permitted by law.\n",
          f);
}

static stroma_status version_json(stroma_error *err)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1U << 20);
    stroma_json_init(&j, &b, 2);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "schema", "stroma.version/1");
    stroma_json_put_string(&j, "version", STROMA_VERSION);
    stroma_json_put_string(&j, "compiler", COMPILER);
    stroma_json_put_string(&j, "c_flags", STROMA_BUILD_FLAGS);
    stroma_json_put_bool(&j, "sanitizers", has_sanitizers());
    stroma_json_put_string(&j, "cpu_level", cpu_level());
    stroma_json_put_string(&j, "libc", "glibc");
    stroma_json_put_string(&j, "libc_version", gnu_get_libc_version());
    stroma_json_put_string(&j, "license", "GPL-3.0-or-later");
    stroma_json_end_object(&j);
    stroma_buffer_putc(&b, '\n');
    stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = cli_write(b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    if (cli_given(c, "json")) return version_json(err);
    if (cli_given(c, "about")) {
        cli_about(stdout);
        return STROMA_OK;
    }
    static const char text[] = "stroma " STROMA_VERSION "\n";
    return cli_write(text, sizeof text - 1, err);
}

static const cli_option options[] = {
    { .name = "json",
      .kind = CLI_FLAG,
      .help = "compiler, flags, processor level and libc as JSON (schema stroma.version/1)" },
    { .name = "about", .kind = CLI_FLAG, .help = "what stroma is meant for, and what not" },
    { 0 }
};
static const char *const examples[] = { "stroma version", "stroma version --json", NULL };

const cli_command cli_cmd_version = {
    .noun = "version",
    .summary = "print the version and how the program was built",
    .description = "One line, \"stroma 0.1.0\". `stroma --version` and `stroma --about` are the "
                   "same as the command and its --about.",
    .options = options,
    .examples = examples,
    .run = run
};
