/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/parallel.h"

#include "stroma/interrupt.h"
#include "stroma/memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct parallel_loop {
    size_t n, chunk, n_pieces;
    stroma_parallel_fn fn;
    void *context;
    atomic_size_t next; /* the piece to be begun next: they are begun in order */
    atomic_bool stop;
    pthread_mutex_t lock; /* guards what follows */
    size_t failed_piece;
    stroma_status status;
    stroma_error error;
} parallel_loop;

typedef struct parallel_worker {
    parallel_loop *loop;
    pthread_t thread;
    int number;
} parallel_worker;

static void keep_error(parallel_loop *loop, size_t piece, stroma_status s, const stroma_error *err)
{
    (void)pthread_mutex_lock(&loop->lock);
    if (loop->status == STROMA_OK || piece < loop->failed_piece) {
        loop->failed_piece = piece;
        loop->status = s;
        loop->error = *err;
    }
    (void)pthread_mutex_unlock(&loop->lock);
    atomic_store(&loop->stop, true);
}

static void work(parallel_loop *loop, int worker)
{
    while (!atomic_load(&loop->stop)) {
        const size_t piece = atomic_fetch_add(&loop->next, 1);
        if (piece >= loop->n_pieces) return;
        const size_t begin = piece * loop->chunk;
        const size_t left = loop->n - begin;
        const size_t end = begin + (left < loop->chunk ? left : loop->chunk);
        stroma_error err = STROMA_ERROR_INIT;
        stroma_status s = stroma_interrupt_check(&err);
        if (s == STROMA_OK) s = loop->fn(begin, end, worker, loop->context, &err);
        if (s != STROMA_OK) keep_error(loop, piece, s, &err);
    }
}

static void *thread_main(void *argument)
{
    const parallel_worker *w = argument;
    work(w->loop, w->number);
    return NULL;
}

/* Signals go to the thread that began: workers are started with all of them blocked. */
static size_t start(parallel_worker *workers, size_t wanted)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 0;
    for (; started < wanted; started++)
        if (pthread_create(&workers[started].thread, NULL, thread_main, &workers[started]) != 0)
            break;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void run(parallel_loop *loop, size_t helpers)
{
    parallel_worker *workers = helpers == 0 ? NULL : stroma_alloc_array(helpers, sizeof *workers);
    for (size_t i = 0; workers != NULL && i < helpers; i++)
        workers[i] = (parallel_worker){ .loop = loop, .number = (int)i + 1 };
    const size_t started = workers == NULL ? 0 : start(workers, helpers);
    work(loop, 0);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(workers[i].thread, NULL);
    stroma_free(workers);
}

stroma_status stroma_parallel_for(size_t n, int threads, size_t chunk, stroma_parallel_fn fn,
                                  void *context, stroma_error *err)
{
    if (n == 0) return STROMA_OK;
    if (chunk == 0) chunk = 1;
    parallel_loop loop = { .n = n,
                           .chunk = chunk,
                           .n_pieces = n / chunk + (n % chunk != 0),
                           .fn = fn,
                           .context = context,
                           .lock = PTHREAD_MUTEX_INITIALIZER };
    size_t helpers = threads < 2 ? 0 : (size_t)threads - 1;
    if (helpers >= loop.n_pieces) helpers = loop.n_pieces - 1;
    run(&loop, helpers);
    (void)pthread_mutex_destroy(&loop.lock);
    if (loop.status != STROMA_OK && err != NULL) *err = loop.error;
    return loop.status;
}
