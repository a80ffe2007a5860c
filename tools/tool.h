/* What the subcommands share. The command uses only the library's public headers, as a stranger's program would. */
#ifndef WIRETALE_TOOL_H
#define WIRETALE_TOOL_H

#include "options.h"
#include "wiretale/redact.h"
#include "wiretale/report.h"

#include <libintl.h>
#include <stdbool.h>
#include <stddef.h>

#define _(text) dgettext("wiretale", text)
#define ngettext_(one, many, n) dngettext("wiretale", one, many, n)
#define N_(text) text /* for tables: translated where it is printed */

/* Exit statuses, as the manual page promises them. */
enum { TOOL_OK = 0, TOOL_BAD_INPUT = 1, TOOL_USAGE = 2, TOOL_FOUND = 3 };

struct tool_command {
    const char *name;
    const char *operands;   /* as the help shows them, or NULL */
    const char *text;       /* one line for the overview */
    const char *more;       /* a paragraph for its own help, or NULL */
    const uint8_t *options; /* enum tool_option_id, in the help's order; ends with OPTION_COUNT */
    int (*run)(int argc, char **argv);
};

extern const struct tool_command tool_read, tool_live, tool_follow, tool_decrypt, tool_keys, tool_certificates,
    tool_compare, tool_client, tool_server, tool_run, tool_fields, tool_help;
extern const struct tool_command *const tool_commands[]; /* ends with NULL */

/* main.c, for programs that are started: what SIGPIPE did, and the environment, when the command was started; SIG_ERR, NULL:
 * not known. */
extern void (*tool_sigpipe)(int);
extern char **tool_environment;

/* ---- made from docs/findings.md and findings.zh.md: what each finding means and when it is reported; ends with NULL
 */
enum { TOOL_PAGE_ENGLISH, TOOL_PAGE_CHINESE, TOOL_PAGE_LANGUAGES };
struct tool_page {
    const char *id, *text[TOOL_PAGE_LANGUAGES];
};
extern const struct tool_page tool_pages[];

/* ---- help.c */
int tool_help_overview(void);
int tool_help_command(const struct tool_command *command);

/* ---- terminal.c: how the text is to look */
struct tool_look {
    int color; /* 0 as the terminal has it, 1 always, -1 never */
    bool ascii;
    unsigned columns; /* 0: as wide as the terminal */
};

bool tool_look_color(struct tool_look *look, const char *when);
struct wt_text_options tool_look_settle(const struct tool_look *look);

/* ---- output.c: standard output as a place for reports, and memory as another */
struct tool_text {
    struct wt_output output;
    char *bytes;
    size_t length, capacity;
};

/* All of it to a descriptor; 0, or errno. */
int tool_write(int fd, const void *bytes, size_t length);
void tool_stdout_open(struct wt_output *output);
/* Flushes; TOOL_OK unless the output could not be written for another reason than a reader that had enough. */
int tool_stdout_close(struct wt_output *output);
void tool_stdout_flush(struct wt_output *output);
void tool_output_text(struct wt_output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tool_text_open(struct tool_text *text);
void tool_text_print(struct tool_text *text, struct wt_output *output);
void tool_text_close(struct tool_text *text);
/* A message or a file's name for a terminal: what has to be is escaped as in the reports; backslashes stand. The caller
 * frees it; NULL without memory. */
char *tool_printable(const char *text);

/* ---- progress.c: one line on a terminal while a file takes over a second */
void tool_progress_begin(const char *name);
void tool_progress_step(const struct wt_capture *capture, uint64_t packets);
/* Takes the line away; before anything else is printed. */
void tool_progress_clear(void);
void tool_progress_end(void);

/* ---- narrate.c: from connections to what is printed, the same for files and for live use */
enum tool_form { TOOL_AUTOMATIC, TOOL_STORIES, TOOL_LINES, TOOL_BRIEF, TOOL_SUMMARY, TOOL_HTML, TOOL_SVG };

struct tool_html;
struct tool_qlog;
struct tool_svg;
struct tool_backlog;

struct tool_narrator {
    enum tool_form form;
    bool json, messages, places, packets;
    bool one_stream;
    uint32_t stream;
    const struct wt_filter *filter;
    struct wt_overview *overview; /* what is asked for is added to it; may be NULL */
    int worst;                    /* severity of the findings of what was asked for; -1 for none */
    struct wt_text_options text;
    struct wt_output *output;
    struct wt_json_cache *cache;    /* with json; may be NULL */
    struct tool_html *page;         /* where connections go, too; with TOOL_HTML instead of the output. NULL: nowhere */
    struct tool_svg *svg;           /* with TOOL_SVG: where the connection goes instead of the output */
    struct tool_qlog *qlog;         /* where packets of QUIC go; NULL: nowhere */
    struct wt_redaction *redaction; /* or NULL: what is shown is as it was sent */
    bool has_at;                    /* the overview's time is `at`, else the capture's */
    int64_t at;                     /* seconds since 1970 */
    bool at_is_known;               /* to the overview, as the redaction moves times */
    /* the few connections that are held back until it is known that they are few */
    struct tool_text lines, stories;
    bool ordered;                 /* lines come in the order of first packets, whatever ends first */
    uint32_t reported;            /* with ordered: all connections with smaller stream numbers have come */
    struct tool_backlog *backlog; /* of those that came before their turn; NULL until there is one */
    struct tool_text late;        /* room: one of them */
    unsigned held;
    bool paused;             /* the input made us wait: nothing is held back any more */
    bool flowing;            /* they were not few: lines are printed as they come */
    uint64_t told, told_all; /* connections of this file; of all */
    bool stream_seen;        /* the stream that was asked for, whatever a filter says of it */
    char *example; /* file of the first that failed, else of the first of all, of those in lines; and its stream */
    uint32_t example_stream;
    bool example_failed;
    bool lined; /* some were shown in a line */
};

/* The most connections of a file whose whole stories are told without being asked. */
#define TOOL_FEW 3

void tool_narrator_begin(struct tool_narrator *narrator, struct wt_output *output);
/* Connections come as they end, and are printed in the order of their first packets. Before rights are given up. */
void tool_narrator_order(struct tool_narrator *narrator);
/* From here on stories have stand-ins; before the observer reads. False, with the reason printed, without memory. */
bool tool_narrator_redact(struct tool_narrator *narrator);
/* Tells one connection, when it is asked for. */
/* For the observer's `wanted`: false when it will not be shown. */
bool tool_narrator_may_tell(const struct tool_narrator *narrator, const struct wt_connection *begun);
void tool_narrator_tell(struct tool_narrator *narrator, const struct wt_connection *connection);
/* For the observer's `reported`, and for narrators that have `ordered`: those before `stream` have all come. */
void tool_narrator_reported(struct tool_narrator *narrator, uint32_t stream);
/* What has come is printed, also what has to come after others. */
void tool_narrator_catch_up(struct tool_narrator *narrator);
/* The input pauses: what was held back is printed. */
void tool_narrator_pause(struct tool_narrator *narrator);
/* The end of one file: `summary` is of this file alone. */
void tool_narrator_file(struct tool_narrator *narrator, const char *name, const struct wt_summary *summary);
/* The overview, when it says more than what stands above it. */
void tool_narrator_overview(struct tool_narrator *narrator);
/* How to see one connection in full, where many were shown in a line. */
void tool_narrator_hint(struct tool_narrator *narrator);
void tool_narrator_end(struct tool_narrator *narrator);

/* ---- share.c: what one file adds to the summary of a run */
#define TOOL_REASONS 256
struct tool_counts {
    struct wt_undecoded before[TOOL_REASONS], difference[TOOL_REASONS];
};
struct tool_share {
    struct wt_summary before;
    struct tool_counts undecoded, account;
};

void tool_share_begin(struct tool_share *share, const struct wt_summary *now);
struct wt_summary tool_share_end(struct tool_share *share, const struct wt_summary *now);

#endif
