/* The record of connections that the command speaks itself: their bytes and secrets go to an observer, whose story of
 * them is the ordinary one, to a key log, and to a capture. */
#ifndef WIRETALE_TOOL_RECORD_H
#define WIRETALE_TOOL_RECORD_H

#include "file.h"
#include "html.h"
#include "wiretale/write.h"

struct tool_record {
    /* set before tool_record_open() */
    const struct tool_command *command;
    bool observes;                   /* `known` and `ended` are called */
    bool story, json;                /* of each connection when it has ended, to these: */
    struct wt_output *words, *lines; /* text; JSON */
    struct wt_text_options text;
    const struct wt_trust *trust;                                         /* as the endpoint has it */
    const char *page_file, *keylog, *capture;                             /* files, or NULL */
    void (*ended)(void *context, const struct wt_connection *connection); /* before it is written */
    void *context;
    /* the record's own */
    struct wt_keys *keys;
    struct wt_keys_log *log;
    struct wt_observer *observer;
    int keylog_fd;
    bool opened;
    struct tool_file file;
    struct wt_capture_writer *writer;
    struct tool_text secrets; /* lines that the capture does not have yet */
    struct tool_html page;
    struct wt_overview *overview;
    bool failed; /* to write what was asked for; said */
};

/* One connection's part in it. */
struct tool_tap {
    struct wt_stream *stream;
    struct wt_rebuilt tcp;
    bool open;
};

/* False with the reason printed; to be closed all the same; closing one that was never opened does
 * nothing. */
bool tool_record_open(struct tool_record *record);
/* For struct wt_endpoint_options: `context` is the record. */
void tool_record_secret(void *context, const char *line);
void tool_record_begin(struct tool_record *record, struct tool_tap *tap, const struct wt_address *client,
                       const struct wt_address *server);
/* What a side sent; after the endpoint has had it, so that its secrets are there. */
void tool_record_bytes(struct tool_record *record, struct tool_tap *tap, enum wt_side from, const void *bytes,
                       size_t n);
/* Its story is told. */
void tool_record_end(struct tool_record *record, struct tool_tap *tap, bool reset);
/* Ends all that are open, and writes the files. False when one could not be written, which is said. */
bool tool_record_close(struct tool_record *record);

#endif
