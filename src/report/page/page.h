/* The page in the making, and what its parts share. */
#ifndef WT_REPORT_PAGE_H
#define WT_REPORT_PAGE_H

#include "report/page/names.h"
#include "report/page/values.h"
#include "report/text/rows.h"
#include "report/text/text.h"
#include "wiretale/page.h"

/* A row of a layout of which more may be said in a message: see layout.h. */
struct wt_page_ask {
    uint32_t row;
    uint8_t topic; /* enum wt_explain_topic */
};

/* A block as the file has it. */
struct wt_page_block {
    struct wt_buffer packed; /* its JSON and what follows, compressed */
    size_t json;             /* bytes of JSON; those of its messages follow */
};

struct wt_page {
    struct wt_page_options options;
    struct wt_page_names names;
    struct wt_page_block *blocks; /* closed ones */
    size_t block_count, block_room;
    /* the one that is being filled: its JSON up to the newest connection, that of certificates, and their numbers */
    struct wt_buffer connections, certificates;
    struct wt_page_values values;
    struct wt_page_values known; /* facts, each with the number (`first`) of the value that follows from them */
    struct wt_page_ask *asks; /* of the layouts among them */
    size_t ask_count, ask_room;
    uint32_t connection_count, certificate_count;
    struct wt_buffer rows, files; /* JSON of the index */
    struct wt_buffer key, like;   /* a value in the making */
    struct wt_buffer notes;       /* JSON: on the fields of the message that is being written */
    struct wt_buffer lines;       /* what has been reported to `text` */
    struct wt_output to_lines;
    struct wt_text_options text_options;
    struct wt_text text; /* the text report's state, made once: its buffers have their room */
    struct wt_trail_event *events; /* room for the trail of a message */
    size_t event_room;
    char *file;                   /* name of the newest */
    size_t file_count;
    uint64_t added, left_out;
    int64_t start; /* ns: of the first connection */
};

/* Numbers of the block and of the next connection and certificate in it. */
static inline uint32_t wt_page_block(const struct wt_page *p)
{
    return (uint32_t)p->block_count;
}

/* A value in the making: what is written between the two is one, and the second gives its number. One at a time. */
void wt_page_like_start(struct wt_page *p, struct wt_json *j, struct wt_output *output);
size_t wt_page_like_end(struct wt_page *p, struct wt_json *j);

/* The text report's state for this connection, which writes into p->lines. */
struct wt_text *wt_page_text(struct wt_page *p, const struct wt_connection *c);
/* The number of the value with all lines that have been reported; p->lines is empty afterwards. */
size_t wt_page_lines(struct wt_page *p);

#endif
