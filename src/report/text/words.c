/* A sentence in the making. */
#include "report/text/words.h"

#include "base/format.h"
#include "base/uninitialized.h"
#include "report/text/text.h"

#include <stdarg.h>

void wt_words_clear(struct wt_text *x)
{
    x->words.n = 0;
}

void wt_words_add(struct wt_text *x, const char *format, ...)
{
    char part[2048] WT_UNINITIALIZED;
    va_list args;
    va_start(args, format);
    const size_t n = wt_format_list(part, sizeof part, format, args);
    va_end(args);
    /* TRANSLATORS: between the parts of a remark: "offers TLS 1.2, 21 suites" */
    if (x->words.n)
        (void)wt_buffer_add_text(&x->words, _(", "));
    (void)wt_buffer_add(&x->words, part, n);
}

const char *wt_words_get(struct wt_text *x)
{
    if (!wt_buffer_add_char(&x->words, 0))
        return "";
    x->words.n--;
    return (const char *)x->words.p;
}
