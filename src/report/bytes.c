/* What applications said, for a terminal. */
#include "report/term.h"

#include <limits.h>

void wt_report_bytes(struct wt_output *output, struct wt_span wire, bool ascii)
{
    struct wt_buffer text = {0};
    wt_escape(&text, wire, UINT_MAX, ascii ? WT_ESCAPE_ASCII : 0);
    if (!output->failed && text.n > 0)
        output->failed = text.failed || !output->write(output->context, (const char *)text.p, text.n);
    wt_buffer_free(&text);
}
