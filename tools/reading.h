/* The state of one reading: between read.c, which reads, and read_options.c, which knows what was asked for. */
#ifndef WIRETALE_TOOL_READING_H
#define WIRETALE_TOOL_READING_H

#include "await.h"
#include "common.h"
#include "html.h"
#include "qlog.h"
#include "read.h"
#include "rights.h"
#include "rotation.h"
#include "svg.h"

struct tool_reading {
    struct tool_reader by;
    struct tool_common common;
    struct tool_narrator narrator;
    bool no_digest, explain, bytes, secrets, redact;
    uint32_t record;
    uint8_t record_side;
    bool rotated;
    int fail_on; /* enum wt_severity, or -1 */
    struct tool_await await;
    struct tool_html page;
    struct tool_svg picture;
    struct tool_qlog qlog;
    struct tool_rights rights;
    struct tool_share share; /* of the capture that is read, in one file or several */
    struct tool_piece last;  /* its packet that came last */
    int64_t first_ns, last_ns;
    uint64_t packets;
    uint32_t frames;  /* of its files before this one */
    const char *name; /* of its first file */
    struct wt_output output;
    struct wt_observer *observer;
    int status;
};

#endif
