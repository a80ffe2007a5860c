/* How text is to look: as the terminal can show it, unless the user says otherwise. */
#include "tool.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_UNKNOWN 80 /* a file or a pipe has no width: what fits everywhere */
#define COLUMNS_MOST 1000

bool tool_look_color(struct tool_look *look, const char *when)
{
    if (!when || !strcmp(when, "always"))
        look->color = 1;
    else if (!strcmp(when, "never"))
        look->color = -1;
    else if (!strcmp(when, "auto"))
        look->color = 0;
    else
        return false;
    return true;
}

static bool terminal_has_color(void)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    if (none && *none) /* no-color.org: when present and not empty, whatever it says */
        return false;
    return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* 0: nothing has said how wide the output is. */
static unsigned terminal_columns(void)
{
    const char *said = getenv("COLUMNS");
    struct winsize size;
    if (said) {
        unsigned long n = strtoul(said, NULL, 10);
        if (n > 0 && n <= COLUMNS_MOST)
            return (unsigned)n;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        return size.ws_col;
    return 0;
}

struct wt_text_options tool_look_settle(const struct tool_look *look)
{
    unsigned columns = look->columns ? look->columns : terminal_columns();
    return (struct wt_text_options){
        .size = sizeof(struct wt_text_options),
        .columns = columns ? columns : COLUMNS_UNKNOWN,
        .unbroken = columns == 0,
        .color = look->color ? look->color > 0 : terminal_has_color(),
        .ascii = look->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
    };
}
