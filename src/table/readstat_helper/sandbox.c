/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sandbox.h"

#include "stream.h"

#include <errno.h>
#include <iconv.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif
#ifndef WITH_SANITIZER
#define WITH_SANITIZER 0
#endif

enum { MEMORY_MAX_GIB = 4, CPU_MAX_S = 600 };

/* ReadStat converts texts with iconv, whose conversions are modules that glibc loads on demand, by
 * opening files. Every one that ReadStat's tables of SAS and SPSS encodings name is opened now and
 * never closed, so that it is there when the sandbox no longer allows open(). */
static const char *const charsets[] = {
    "ASCII",
    "BIG-5",
    "CP1129",
    "CP1361",
    "CP1381",
    "CP437",
    "CP720",
    "CP737",
    "CP775",
    "CP850",
    "CP852",
    "CP855",
    "CP857",
    "CP858",
    "CP860",
    "CP861",
    "CP862",
    "CP863",
    "CP864",
    "CP865",
    "CP866",
    "CP869",
    "CP874",
    "CP921",
    "CP922",
    "CP932",
    "CP942",
    "CP949",
    "CP950",
    "EBCDIC-US",
    "EUC-CN",
    "EUC-JP",
    "EUC-KR",
    "EUC-TW",
    "GB18030",
    "GB2312",
    "GBK",
    "HZ-GB-2312",
    "ISO-2022-CN",
    "ISO-2022-CN-EXT",
    "ISO-2022-JP",
    "ISO-2022-KR",
    "ISO-8859-1",
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-9",
    "ISO-8859-10",
    "ISO-8859-11",
    "ISO-8859-13",
    "ISO-8859-14",
    "ISO-8859-15",
    "ISO-IR-149",
    "ISO-IR-58",
    "KOI8-R",
    "KOI8-U",
    "MACARABIC",
    "MACCENTRALEUROPE",
    "MACCROATIAN",
    "MACCYRILLIC",
    "MACGREEK",
    "MACHEBREW",
    "MACICELAND",
    "MACROMAN",
    "MACINTOSH",
    "MACROMANIA",
    "MACTHAI",
    "MACTURKISH",
    "MACUKRAINE",
    "SHIFT-JIS",
    "SHIFT_JISX0213",
    "TIS-620",
    "US-ASCII",
    "UTF-16",
    "UTF-16BE",
    "UTF-16LE",
    "UTF-32BE",
    "UTF-32LE",
    "UTF-7",
    "UTF-8",
    "WINDOWS-1250",
    "WINDOWS-1251",
    "WINDOWS-1252",
    "WINDOWS-1253",
    "WINDOWS-1254",
    "WINDOWS-1255",
    "WINDOWS-1256",
    "WINDOWS-1257",
    "WINDOWS-1258",
    "WINDOWS-936",
};

static void load_conversions(void)
{
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
        (void)iconv_open("UTF-8",
                         charsets[i]); /* a missing one is reported by ReadStat when needed */
}

static bool limit(int resource, rlim_t most)
{
    const struct rlimit r = { most, most };
    return setrlimit((__rlimit_resource_t)resource, &r) == 0;
}

static bool set_limits(void)
{
    bool ok = limit(RLIMIT_CPU, CPU_MAX_S) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
              limit(RLIMIT_NOFILE, RS_FILE_FD + 1);
    /* The address sanitizer reserves terabytes of addresses, so only real builds are limited. */
    if (!WITH_SANITIZER) ok = ok && limit(RLIMIT_AS, (rlim_t)MEMORY_MAX_GIB << 30);
    return ok;
}

/* Memory, the two files, and the end. mmap only without PROT_EXEC. */
static bool add_rules(scmp_filter_ctx c)
{
    static const int plain[] = { SCMP_SYS(brk),   SCMP_SYS(munmap),      SCMP_SYS(mremap),
                                 SCMP_SYS(exit),  SCMP_SYS(exit_group),  SCMP_SYS(madvise),
                                 SCMP_SYS(futex), SCMP_SYS(rt_sigreturn) };
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (seccomp_rule_add(c, SCMP_ACT_ALLOW, plain[i], 0) != 0) return false;
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp the_file = SCMP_A0(SCMP_CMP_EQ, RS_FILE_FD, 0);
    const struct scmp_arg_cmp the_pipe = SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO, 0);
    if (seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec) != 0 ||
        seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec) != 0 ||
        seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, the_file) != 0 ||
        seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(lseek), 1, the_file) != 0 ||
        seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, the_pipe) != 0)
        return false;
    if (!WITH_SANITIZER) return true;
    /* Its runtime maps and protects shadow memory and writes its report to standard error. */
    static const int more[] = { SCMP_SYS(sigaltstack),  SCMP_SYS(gettid),
                                SCMP_SYS(getpid),       SCMP_SYS(sched_yield),
                                SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
                                SCMP_SYS(clock_gettime) };
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        if (seccomp_rule_add(c, SCMP_ACT_ALLOW, more[i], 0) != 0) return false;
    return seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                            SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0)) == 0;
}

static bool close_system_calls(void)
{
    /* A forbidden call ends the process, so that the parent sees it. Under a sanitizer it fails
     * instead: the runtime tries calls that it can do without. */
    const scmp_filter_ctx c =
        seccomp_init(WITH_SANITIZER ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
    if (c == NULL) return false;
    const bool ok = add_rules(c) && seccomp_load(c) == 0;
    seccomp_release(c);
    return ok;
}

bool sandbox_enter(const char **reason)
{
    /* ReadStat turns time stamps into local time; without this, glibc would open the zone's file.
     */
    (void)setenv("TZ", "UTC0", 1);
    tzset();
    load_conversions();
    *reason = "the process limits cannot be set";
    if (!set_limits()) return false;
    *reason = "new privileges cannot be given up";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    *reason = "this system has no seccomp filter";
    return close_system_calls();
}
