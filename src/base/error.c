#include "wiretale/error.h"

static const char *const names[] = {
    [WT_OK] = "ok",
    [WT_TRUNCATED] = "truncated",
    [WT_TRAILING] = "trailing",
    [WT_LENGTH] = "length",
    [WT_VALUE] = "value",
    [WT_DUPLICATE] = "duplicate",
    [WT_LIMIT] = "limit",
    [WT_UNSUPPORTED] = "unsupported",
    [WT_NO_SPACE] = "no_space",
    [WT_MEMORY] = "memory",
    [WT_IO] = "io",
    [WT_FORMAT] = "format",
    [WT_MISSING] = "missing",
    [WT_MISMATCH] = "mismatch",
    [WT_SHRUNK] = "shrunk",
};

const char *wt_code_name(enum wt_code code)
{
    return (unsigned)code < sizeof names / sizeof *names ? names[code] : "unknown";
}
