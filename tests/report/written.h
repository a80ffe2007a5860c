/* An output that keeps what was written. Include after cmocka.h. */
#ifndef WT_TESTS_REPORT_WRITTEN_H
#define WT_TESTS_REPORT_WRITTEN_H

#include "wiretale/report.h"

#include <string.h>

static char out[8192];
static size_t written;

static bool take(void *context, const char *bytes, size_t n)
{
    (void)context;
    assert_true(written + n < sizeof out);
    memcpy(out + written, bytes, n);
    written += n;
    out[written] = 0;
    return true;
}

#endif
