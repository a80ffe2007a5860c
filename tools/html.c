#include "html.h"

#include "await.h"
#include "file.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAUSE_MS 1000         /* between two pages, at least */
#define SHARE 10              /* and ten times as long as writing one takes */
#define PAUSE_FAILED_MS 60000 /* a disk that is full now is not in a second */

static struct wt_page *new_page(const struct tool_html *p)
{
    const struct wt_page_options options = {.size = sizeof options, .most = p->most, .secrets = p->secrets, .newest = p->newest};
    return wt_page_new(&options);
}

bool tool_html_open(struct tool_html *p)
{
    if (!p->path)
        return true;
    if (!p->most)
        p->most = WT_PAGE_CONNECTIONS;
    p->page = new_page(p);
    p->next = p->newest ? new_page(p) : NULL;
    if (!p->page || (p->newest && !p->next)) {
        tool_complain(p->command, "%s", _("out of memory"));
        return false;
    }
    return true;
}

static bool has_failed(const struct wt_connection *c)
{
    bool fatal = c->state == WT_FAILED;
    for (size_t i = 0; i < c->finding_count; i++)
        fatal = fatal || c->findings[i].severity == WT_FATAL;
    return fatal;
}

static void say_full(struct tool_html *p)
{
    if (p->full_said)
        return;
    p->full_said = true;
    tool_complain(p->command,
                  _("%s: the page is full: from here on it holds the newest connections, and some that failed before "
                    "(--html-max)"),
                  p->path);
}

/* The page that takes the place of a full one. */
static void turn(struct tool_html *p)
{
    struct wt_page *fresh = new_page(p);
    say_full(p);
    if (!fresh) /* then this one stays as it is */
        return;
    wt_page_leave_out(fresh, p->told);
    wt_page_free(p->page);
    p->page = p->next;
    p->held = p->next_held;
    p->next = fresh;
    p->next_held = 0;
}

void tool_html_add(struct tool_html *p, const struct wt_connection *c)
{
    if (p->next && p->held >= p->most)
        turn(p);
    if (p->next) {
        const bool late = p->held >= p->most - p->most / 2;
        if (late || (has_failed(c) && p->next_held < p->most / 4)) {
            (void)wt_page_add(p->next, c);
            p->next_held++;
        } else {
            wt_page_leave_out(p->next, 1);
        }
    }
    p->told++;
    p->held++;
    (void)wt_page_add(p->page, c); /* what it has no memory for is counted, and said at the end */
}

static bool write_file(void *context, const char *bytes, size_t length)
{
    return tool_file_write(context, bytes, length);
}

bool tool_html_write(struct tool_html *p, struct wt_observer *observer, const struct wt_overview *overview)
{
    struct tool_file file;
    struct wt_output output = {.write = write_file, .context = &file};
    p->written = p->told;
    if (!tool_file_open(&file, p->command, p->path, p->inputs, p->input_count, true)) {
        tool_file_drop(&file);
        return false;
    }
    if (!p->secrets)
        tool_file_share(&file); /* it is there to be passed on */
    const bool made = wt_page_write(p->page, &output, wt_observer_summary(observer), overview);
    if (!made && !output.failed)
        tool_complain(p->command, "%s", _("out of memory"));
    /* a write that failed is reported by the commit */
    const bool ok = (made || output.failed) && tool_file_commit(&file);
    tool_file_drop(&file);
    return ok;
}

static bool rewrite(struct tool_html *p, struct wt_observer *observer, const struct wt_overview *overview)
{
    const int64_t begun = tool_now_ms();
    const bool ok = tool_html_write(p, observer, overview);
    const int64_t now = tool_now_ms(), pause = (now - begun) * SHARE;
    p->due_ms = now + (!ok ? PAUSE_FAILED_MS : pause > PAUSE_MS ? pause : PAUSE_MS);
    return ok;
}

bool tool_html_begin(struct tool_html *p, struct wt_observer *observer, const struct wt_overview *overview)
{
    struct stat st;
    if (!p->page)
        return true;
    if (stat(p->path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        const bool may = access(p->path, W_OK) == 0;
        if (!may)
            tool_complain(p->command, "%s: %s", p->path, wt_error_reason(errno));
        return may;
    }
    p->rewritten = rewrite(p, observer, overview);
    p->due_ms = 0; /* the first that ends is shown at once */
    return p->rewritten;
}

void tool_html_look(struct tool_html *p, struct wt_observer *observer, const struct wt_overview *overview)
{
    if (p->rewritten && p->written != p->told && tool_now_ms() >= p->due_ms)
        (void)rewrite(p, observer, overview);
}

void tool_html_report(const struct tool_html *p)
{
    const uint64_t left_out = wt_page_left_out(p->page), shown = p->told - left_out;
    tool_complain(p->command,
                  ngettext_("%s: page with %" PRIu64 " connection", "%s: page with %" PRIu64 " connections", shown),
                  p->path, shown);
    if (left_out)
        tool_complain(p->command,
                      ngettext_("%" PRIu64 " more connection was left out: --html-max sets how many a page holds",
                                "%" PRIu64 " more connections were left out: --html-max sets how many a page holds",
                                left_out),
                      left_out);
}

void tool_html_close(struct tool_html *p)
{
    wt_page_free(p->page);
    wt_page_free(p->next);
    p->page = p->next = NULL;
}
