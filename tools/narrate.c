/* Which connections are told, and how: JSON, whole stories, a line each, or only the sums.
 *
 * Unasked, the stories of a file with few connections are told whole and those of others in a line each. Which it is
 * shows only when the file has been read, so the first few are held back in both forms. */
#include "tool.h"

#include "wiretale/filter.h"

void tool_narrator_begin(struct tool_narrator *n, struct wt_output *output)
{
    n->output = output;
    n->held = 0;
    n->flowing = false;
    n->told = 0;
    tool_text_open(&n->lines);
    tool_text_open(&n->stories);
}

static bool asked_for(const struct tool_narrator *n, const struct wt_connection *c)
{
    if (n->form == TOOL_SUMMARY || (n->one_stream && c->stream != n->stream))
        return false;
    return !n->filter || wt_filter_match(n->filter, c);
}

static void let_flow(struct tool_narrator *n)
{
    tool_text_print(&n->lines, n->output);
    n->stories.length = 0;
    n->flowing = true;
}

static void tell_automatic(struct tool_narrator *n, const struct wt_connection *c)
{
    /* Without its messages there is no story: they are kept only for the first few of a run. */
    if (!n->flowing && (n->held == TOOL_FEW || !c->messages))
        let_flow(n);
    if (n->flowing) {
        wt_report_text_line(n->output, c, &n->text);
        return;
    }
    n->held++;
    wt_report_text_line(&n->lines.output, c, &n->text);
    tool_output_text(&n->stories.output, "\n");
    wt_report_text_story(&n->stories.output, c, &n->text);
}

void tool_narrator_tell(struct tool_narrator *n, const struct wt_connection *c)
{
    if (n->output->failed || !asked_for(n, c))
        return;
    n->told++;
    if (n->json) {
        wt_report_json_connection(n->output, c, n->messages);
    } else if (n->form == TOOL_STORIES) {
        if (n->told > 1)
            tool_output_text(n->output, "\n");
        wt_report_text_story(n->output, c, &n->text);
    } else if (n->form == TOOL_LINES) {
        wt_report_text_line(n->output, c, &n->text);
    } else {
        tell_automatic(n, c);
    }
}

void tool_narrator_file(struct tool_narrator *n, const char *name, const struct wt_summary *summary)
{
    if (n->json || n->output->failed)
        return;
    /* A few stories stand under the file's head; a long list of lines has flown by before the sums are known. */
    if (n->flowing || (n->form == TOOL_STORIES && n->told > 0))
        tool_output_text(n->output, "\n");
    wt_report_text_summary(n->output, name, summary, &n->text);
    tool_text_print(&n->stories, n->output);
    n->lines.length = 0;
    n->held = 0;
    n->flowing = false;
    n->told = 0;
}

void tool_narrator_end(struct tool_narrator *n)
{
    tool_text_close(&n->lines);
    tool_text_close(&n->stories);
}
