#include "base/date.h"

enum { DAY = 86400, ERA = 400, ERA_DAYS = 146097, EPOCH = 719468 }; /* days from 0000-03-01 to 1970-01-01 */

/* Rounded down, which `/` does not do below zero. */
static int64_t quotient(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Years begin in March here, so that a leap day is their last. */
bool wt_date_of(int64_t seconds, struct tm *date)
{
    const int64_t days = quotient(seconds, DAY) + EPOCH, era = quotient(days, ERA_DAYS);
    const int rest = (int)(seconds % DAY + (seconds % DAY < 0) * DAY), of_era = (int)(days - era * ERA_DAYS);
    const int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
    const int of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    if (era < -2500000 || era > 2500000)
        return false;
    *date = (struct tm){.tm_year = (int)(era * ERA) + year + (month >= 10) - 1900,
                        .tm_mon = month < 10 ? month + 2 : month - 10,
                        .tm_mday = of_year - (153 * month + 2) / 5 + 1,
                        .tm_hour = rest / 3600,
                        .tm_min = rest / 60 % 60,
                        .tm_sec = rest % 60};
    return true;
}

int64_t wt_date_seconds(const struct tm *date)
{
    const int64_t months = (int64_t)date->tm_mon - 2; /* from March on */
    const int64_t year = (int64_t)date->tm_year + 1900 + quotient(months, 12), era = quotient(year, ERA);
    const int64_t month = months - quotient(months, 12) * 12, of_era = year - era * ERA;
    const int64_t days = era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 - EPOCH;
    return ((days + date->tm_mday - 1) * 24 + date->tm_hour) * 3600 + (int64_t)date->tm_min * 60 + date->tm_sec;
}
