#include "svg.h"

#include "file.h"

#include <inttypes.h>

void tool_svg_open(struct tool_svg *svg)
{
    tool_text_open(&svg->text);
}

void tool_svg_add(struct tool_svg *svg, const struct wt_connection *c)
{
    if (svg->told++ == 0)
        wt_report_svg_ladder(&svg->text.output, c);
}

static bool write_file(const struct tool_svg *svg, const struct tool_command *command, char *const *inputs, int count)
{
    struct tool_file file;
    bool ok = tool_file_open(&file, command, svg->path, inputs, count, true);
    if (ok) {
        tool_file_share(&file);
        (void)tool_file_write(&file, svg->text.bytes, svg->text.length); /* reported by the commit */
        ok = tool_file_commit(&file);
    }
    tool_file_drop(&file);
    return ok;
}

int tool_svg_write(struct tool_svg *svg, const struct tool_command *command, bool one_stream, char *const *inputs,
                   int count)
{
    if (svg->told == 0) {
        if (!one_stream) /* else it is said of the stream */
            tool_complain(command, "%s", _("--svg: no TLS connection to draw"));
        return TOOL_BAD_INPUT;
    }
    if (svg->told > 1) {
        if (one_stream)
            tool_complain(command, _("--svg draws one connection, and %" PRIu64 " files have this stream: name one"),
                          svg->told);
        else
            tool_complain(command,
                          _("--svg draws one connection, and there are %" PRIu64
                            ": choose one with --stream; 'wiretale read --lines %s' lists them"),
                          svg->told, inputs[0]);
        return TOOL_USAGE;
    }
    if (svg->text.output.failed) {
        tool_complain(command, "%s", _("out of memory"));
        return TOOL_BAD_INPUT;
    }
    return write_file(svg, command, inputs, count) ? TOOL_OK : TOOL_BAD_INPUT;
}

void tool_svg_close(struct tool_svg *svg)
{
    tool_text_close(&svg->text);
}
