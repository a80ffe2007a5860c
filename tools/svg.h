/* The picture of one connection's ladder that read writes. */
#ifndef WIRETALE_TOOL_SVG_H
#define WIRETALE_TOOL_SVG_H

#include "tool.h"

struct tool_svg {
    const char *path;      /* NULL: none is asked for */
    struct tool_text text; /* the picture of the first that was handed to it */
    uint64_t told;         /* connections that were */
};

void tool_svg_open(struct tool_svg *svg);
void tool_svg_add(struct tool_svg *svg, const struct wt_connection *connection);
/* Writes the file, whole or not at all. `inputs` are the captures that were read; `one_stream`: one was chosen. An exit
 * status, with the reason printed: TOOL_USAGE where there are several connections, of which one is to be chosen. */
int tool_svg_write(struct tool_svg *svg, const struct tool_command *command, bool one_stream, char *const *inputs,
                   int count);
void tool_svg_close(struct tool_svg *svg);

#endif
