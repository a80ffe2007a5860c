/* The kinds of findings, for who asks what an id stands for. */
#include "diagnosis/findings.h"

#include "base/i18n.h"
#include "wiretale/observer.h"

#include <string.h>

/* A row's sentence has places for what was seen: they become "…". */
static void without_values(char *out, size_t size, const char *format)
{
    static const char mark[] = "…";
    size_t n = 0;
    while (*format && n + sizeof mark < size) {
        if (*format != '%' || format[1] == '%') {
            format += *format == '%';
            out[n++] = *format++;
            continue;
        }
        format += 1 + strspn(format + 1, "0123456789$.*-+ #lhzjt");
        format += *format != '\0';
        memcpy(out + n, mark, sizeof mark - 1);
        n += sizeof mark - 1;
    }
    out[n] = '\0';
}

bool wt_finding_kind(size_t i, struct wt_finding_kind *kind)
{
    if (i >= WT_FINDING_COUNT)
        return false;
    const struct wt_finding_row *row = wt_finding_row((enum wt_finding_id)i);
    *kind = (struct wt_finding_kind){.id = row->id,
                                     .severity = row->severity,
                                     .advice = row->advice ? _(row->advice) : NULL,
                                     .reference = row->anchor};
    without_values(kind->text, sizeof kind->text, row->text ? _(row->text) : "");
    return true;
}
