/* The page in the making. */
#ifndef WT_REPORT_PAGE_H
#define WT_REPORT_PAGE_H

#include "base/trail.h"
#include "report/page/names.h"
#include "report/text/rows.h"
#include "report/text/text.h"
#include "wiretale/page.h"

struct wt_page {
    struct wt_page_options options;
    struct wt_page_names names;
    struct wt_buffer *blocks; /* closed ones, compressed */
    size_t block_count, block_room;
    /* the one that is being filled: JSON of its elements, and their numbers */
    struct wt_buffer connections, certificates;
    uint32_t connection_count, certificate_count;
    struct wt_buffer rows, files; /* JSON of the index */
    const char *file;             /* the newest; the story's own */
    size_t file_count;
    uint64_t added, left_out;
    int64_t start; /* ns: of the first connection */
};

/* Numbers of the block and of the next connection and certificate in it. */
static inline uint32_t wt_page_block(const struct wt_page *p)
{
    return (uint32_t)p->block_count;
}

/* The connection as one object, without a comma before it. */
void wt_page_detail(struct wt_page *p, struct wt_json *j, const struct wt_connection *c);
/* The member "messages". */
void wt_page_messages(struct wt_page *p, struct wt_json *j, struct wt_text *x);
/* Its row of the overview, as an array; and the names of what stands in it. */
void wt_page_row(const struct wt_page *p, struct wt_json *j, const struct wt_connection *c);
void wt_page_columns(struct wt_json *j);

/* Lines that a text report wrote, as an array; the buffer is empty afterwards. */
void wt_page_lines(struct wt_json *j, struct wt_buffer *lines);

/* Members "fields" (and "error" where reading ended) of a message; and of a certificate. */
void wt_page_message_fields(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct wt_message *m);
void wt_page_certificate_fields(struct wt_page *p, struct wt_json *j, struct wt_span der);
/* Member `key`: the fields of a header. */
void wt_page_header_fields(struct wt_page *p, struct wt_json *j, const char *key, const char *place,
                           void (*decode)(struct wt_span header, struct wt_trail *trail), struct wt_span header);
/* Member "packets": the fields of each packet's headers, in the order of the story's. */
void wt_page_packets(struct wt_page *p, struct wt_json *j, const struct wt_connection *c);

/* The numbers of the certificates that a message carries, each with its place in it: member "certificates". */
void wt_page_message_certificates(struct wt_page *p, struct wt_json *j, const struct wt_connection *c,
                                  const struct wt_message *m);

#endif
