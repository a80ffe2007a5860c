#include "html.h"

#include "file.h"
#include "language.h"

#include <inttypes.h>
#include <sys/stat.h>

bool tool_html_open(struct tool_html *p)
{
    const struct wt_page_options options = {.size = sizeof options, .most = p->most, .secrets = p->secrets};
    if (!p->path)
        return true;
    p->page = wt_page_new(&options);
    if (!p->page) {
        tool_complain(NULL, "%s", _("out of memory"));
        return false;
    }
    (void)tool_language_neutral(true);
    return true;
}

void tool_html_add(struct tool_html *p, const struct wt_connection *c)
{
    p->told++;
    (void)wt_page_add(p->page, c); /* what it has no memory for is counted, and said at the end */
}

static bool write_file(void *context, const char *bytes, size_t length)
{
    return tool_file_write(context, bytes, length);
}

/* A page without secrets is there to be passed on: it may be read by whom the umask lets. */
static void open_to_others(const struct tool_file *file)
{
    const mode_t mask = umask(0);
    (void)umask(mask);
    if (file->temporary)
        (void)fchmod(file->fd, 0666 & ~mask);
}

bool tool_html_write(struct tool_html *p, const struct tool_command *command, const struct wt_summary *summary,
                     const struct wt_overview *overview, char *const *inputs, int count)
{
    struct tool_file file;
    struct wt_output output = {.write = write_file, .context = &file};
    if (!tool_file_open(&file, command, p->path, inputs, count, true)) {
        tool_file_drop(&file);
        return false;
    }
    if (!p->secrets)
        open_to_others(&file);
    (void)tool_language_neutral(true);
    const bool made = wt_page_write(p->page, &output, summary, overview);
    (void)tool_language_neutral(false);
    if (!made && !output.failed)
        tool_complain(command, "%s", _("out of memory"));
    /* a write that failed is reported by the commit */
    const bool ok = (made || output.failed) && tool_file_commit(&file);
    tool_file_drop(&file);
    return ok;
}

void tool_html_report(const struct tool_html *p, const struct tool_command *command)
{
    const uint64_t left_out = wt_page_left_out(p->page), shown = p->told - left_out;
    tool_complain(command, ngettext("%s: page with %" PRIu64 " connection", "%s: page with %" PRIu64 " connections", shown),
                  p->path, shown);
    if (left_out)
        tool_complain(command,
                      ngettext("%" PRIu64 " more connection was left out: --html-max sets how many a page holds",
                               "%" PRIu64 " more connections were left out: --html-max sets how many a page holds",
                               left_out),
                      left_out);
}

void tool_html_close(struct tool_html *p)
{
    wt_page_free(p->page);
    p->page = NULL;
    (void)tool_language_neutral(false);
}
