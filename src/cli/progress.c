/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line on the terminal that says how far the work is. It appears after a second, so that quick
 * jobs stay silent, and is wiped when a step ends or anything else is printed. */
#include "context.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static double began_s, shown_s;
static bool visible;

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void wipe(void)
{
    if (visible) fputs("\r\x1b[K", stderr);
    visible = false;
}

void cli_progress_wipe(void)
{
    (void)pthread_mutex_lock(&lock);
    wipe();
    (void)pthread_mutex_unlock(&lock);
}

static void report(void *context, const char *what, uint64_t done, uint64_t total)
{
    (void)context;
    if (pthread_mutex_trylock(&lock) != 0) return; /* another thread is just telling */
    const double now = now_s();
    const bool finished = total > 0 && done >= total;
    if (finished) {
        wipe();
    } else if (now - began_s >= 1 && now - shown_s >= 0.1) {
        wipe();
        cli_put_clean(stderr, what);
        if (total > 0)
            fprintf(stderr, " %3d %%", (int)(100 * ((double)done / (double)total)));
        else if (done > 0)
            fprintf(stderr, " %llu", (unsigned long long)done);
        (void)fflush(stderr);
        visible = true;
        shown_s = now;
    }
    (void)pthread_mutex_unlock(&lock);
}

const stroma_progress *cli_progress(const cli_context *c)
{
    static const stroma_progress silent = { 0 };
    static const stroma_progress line = { .report = report };
    if (cli_quiet(c) || cli_given(c, "no-progress") || !isatty(STDERR_FILENO)) return &silent;
    began_s = now_s();
    return &line;
}
