/* Dates in UTC, of the Gregorian calendar before 1582 as after. What the C library has for it ends in 2038 where time_t
 * has 32 bits, and certificates go on. */
#ifndef WT_BASE_DATE_H
#define WT_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* As gmtime_r(): false when the year has more than nine digits. Of `date` nothing but year, month, day, hour, minute
 * and second is set to more than 0. */
bool wt_date_of(int64_t seconds, struct tm *date);
/* As timegm(): members that are out of range carry into the larger ones. */
int64_t wt_date_seconds(const struct tm *date);

#endif
