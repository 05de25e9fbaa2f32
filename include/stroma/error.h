/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file error.h
 *  Error reporting: a status for programs, a message for people.
 *
 *  Every fallible function returns a ::stroma_status and takes a `stroma_error *err` last, which
 * may be NULL. The error object lives on the caller's stack and never touches the heap, so it works
 * when memory ran out. Context grows outward: the innermost function says what is wrong, each
 * caller puts in front where that happened. Thread rule: an error object belongs to one thread at a
 * time. @since 0.1 */
#ifndef STROMA_ERROR_H
#define STROMA_ERROR_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#define STROMA_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define STROMA_CHECK        __attribute__((warn_unused_result))
#define STROMA_API          __attribute__((visibility("default")))
#else
#define STROMA_PRINTF(f, a)
#define STROMA_CHECK
#define STROMA_API
#endif

/* One list makes the enum, the names and the texts. The numbers are the program's exit codes. */
#define STROMA_STATUS_LIST(E)                                            \
    E(STROMA_OK, 0, "no error")                                          \
    E(STROMA_FOUND, 1, "done, and something was found")                  \
    E(STROMA_E_USAGE, 2, "the request is not valid")                     \
    E(STROMA_E_MALFORMED, 3, "a file breaks its own format")             \
    E(STROMA_E_INCONSISTENT, 4, "two inputs disagree")                   \
    E(STROMA_E_DEGENERATE, 5, "the data cannot support the computation") \
    E(STROMA_E_IO, 6, "an input or output operation failed")             \
    E(STROMA_E_NOMEM, 7, "memory ran out")                               \
    E(STROMA_E_INTERNAL, 70, "a bug in stroma")                          \
    E(STROMA_E_INTERRUPTED, 130, "interrupted")                          \
    E(STROMA_E_PIPE, 141, "the reader of the output went away")

typedef enum stroma_status {
#define STROMA_ENUM_(name, num, text) name = (num),
    STROMA_STATUS_LIST(STROMA_ENUM_)
#undef STROMA_ENUM_
} stroma_status;

enum { STROMA_ERROR_TEXT_MAX = 512 };

/** Owned by the caller, usually on the stack. Longer texts are cut at a character boundary. */
typedef struct stroma_error {
    stroma_status status;
    uint64_t offset;                     /**< byte offset in the input, or UINT64_MAX */
    int64_t line;                        /**< 1-based line, or 0 */
    int64_t column;                      /**< 1-based column, or 0 */
    char message[STROMA_ERROR_TEXT_MAX]; /**< one line, lower case, no full stop */
    char hint[STROMA_ERROR_TEXT_MAX];    /**< what to do about it, or "" */
    char context[STROMA_ERROR_TEXT_MAX]; /**< `file "a.csv": column "esr": `, outermost first */
} stroma_error;
#define STROMA_ERROR_INIT                         \
    {                                             \
        .status = STROMA_OK, .offset = UINT64_MAX \
    }

/** @return the name of the status, as "STROMA_E_IO". Never NULL. */
STROMA_API const char *stroma_status_name(stroma_status s);
/** @return what the status means, as "an input or output operation failed". Never NULL. */
STROMA_API const char *stroma_status_text(stroma_status s);
/** Reset @p err (may be NULL) to "no error". */
STROMA_API void stroma_error_clear(stroma_error *err);
/** Set @p err (may be NULL) and return @p s, so that `return stroma_fail(...)` works. */
STROMA_API stroma_status stroma_fail(stroma_error *err, stroma_status s, const char *fmt, ...)
    STROMA_PRINTF(3, 4);
/** As stroma_fail(), at a 1-based line and column of a text file (0 = unknown). */
STROMA_API stroma_status stroma_fail_at(stroma_error *err, stroma_status s, int64_t line,
                                        int64_t column, const char *fmt, ...) STROMA_PRINTF(5, 6);
/** As stroma_fail(), at a byte offset of a binary file. */
STROMA_API stroma_status stroma_fail_byte(stroma_error *err, stroma_status s, uint64_t offset,
                                          const char *fmt, ...) STROMA_PRINTF(4, 5);
/** Add what the user can do about it. Returns err's status (STROMA_OK when @p err is NULL: pass the
 *  status on yourself, as `stroma_hint(err, …); return s;`). */
STROMA_API void stroma_hint(stroma_error *err, const char *fmt, ...) STROMA_PRINTF(2, 3);
/** Put a context in front of an error that is passing through. @return @p s. */
STROMA_API stroma_status stroma_in(stroma_error *err, stroma_status s, const char *fmt, ...)
    STROMA_PRINTF(3, 4);
/** Out of memory, worded once. @return STROMA_E_NOMEM. */
STROMA_API stroma_status stroma_no_memory(stroma_error *err);
/** The impossible happened. @return STROMA_E_INTERNAL. Use through STROMA_BUG_IF(). */
STROMA_API stroma_status stroma_bug(stroma_error *err, const char *condition, const char *file,
                                    int line);

#define STROMA_TRY(expr)                                      \
    do {                                                      \
        const stroma_status stroma_try_s_ = (expr);           \
        if (stroma_try_s_ != STROMA_OK) return stroma_try_s_; \
    } while (0)
/** Always on, for the impossible: return STROMA_E_INTERNAL, saying where. */
#define STROMA_BUG_IF(cond, err)                                     \
    do {                                                             \
        if (cond) return stroma_bug(err, #cond, __FILE__, __LINE__); \
    } while (0)
#ifdef __cplusplus
}
#endif
#endif
