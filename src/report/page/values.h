/* What the connections of one block have in common: each distinct value once, and its number where it occurs. Most
 * connections of a capture are alike, so that most of what is told about one has been told before. */
#ifndef WT_REPORT_PAGE_VALUES_H
#define WT_REPORT_PAGE_VALUES_H

#include "base/buffer.h"
#include "report/json/writer.h"

enum wt_page_kind {
    WT_PAGE_JSON,        /* JSON as it stands */
    WT_PAGE_LINE,        /* a text: a string */
    WT_PAGE_LINES,       /* lines that a text report wrote: an array of strings, without empty ones */
    WT_PAGE_BYTES,       /* bytes of a message: where they are among the block's, and how many */
    WT_PAGE_LEARNS,      /* who learns what: see learns.c */
    WT_PAGE_LAYOUT,      /* fields: see fields.c */
    WT_PAGE_CERTIFICATE, /* its facts, by its digest */
    /* facts on which a value depends, among what is known (see page.h) */
    WT_PAGE_MESSAGE,    /* what messages have in common */
    WT_PAGE_EXPLAINED,  /* a message's explanation */
    WT_PAGE_ABOVE,      /* the layers from the record protocol up */
    WT_PAGE_VERDICT,    /* the sentence on a proof, in two parts around the packet's number: see told.c */
    WT_PAGE_VERDICT_ALONE, /* the same without a packet */
    WT_PAGE_FLIGHT,     /* the drawing of a handshake */
    WT_PAGE_PROTECTION, /* the record protocol and the keys */
    WT_PAGE_RECORD,     /* what records have in common */
    WT_PAGE_PACKET,     /* what packets have in common */
    WT_PAGE_HEADER,     /* the layout of a record's or message's header */
};

struct wt_page_value {
    uint64_t hash;
    size_t key, key_length; /* in `keys`: values are compared by it */
    uint32_t first, count;  /* of what the caller keeps with it */
    uint8_t kind;
    bool holds; /* of a layout: some field may hold DER */
};

/* All zero is empty. */
struct wt_page_values {
    struct wt_buffer json; /* elements of the block's "values" */
    struct wt_buffer bytes; /* of the block's messages */
    struct wt_buffer keys;
    struct wt_page_value *list; /* by number */
    size_t n, room;
    uint32_t *slots; /* number + 1 */
    size_t slot_count;
    bool failed; /* the system gave no memory: something is missing */
};

/* The number of the value that has this key. *is_new: it was not there; the caller then appends its JSON to `json`, one
 * value, by wt_page_values_write(). SIZE_MAX without memory. */
size_t wt_page_values_enter(struct wt_page_values *v, enum wt_page_kind kind, struct wt_span key, bool *is_new);
/* A writer for the JSON of a value that is new; to be flushed. */
void wt_page_values_write(struct wt_page_values *v, struct wt_json *j, struct wt_output *output);

/* Numbers of what has been written already. */
size_t wt_page_values_json(struct wt_page_values *v, struct wt_span json);
size_t wt_page_values_line(struct wt_page_values *v, const char *text, size_t n);
size_t wt_page_values_lines(struct wt_page_values *v, struct wt_span lines);
size_t wt_page_values_bytes(struct wt_page_values *v, struct wt_span bytes);

/* The next line of such lines that is not empty, and what is left behind it. False past the last, and where a line has
 * no end. */
bool wt_page_next_line(struct wt_span *lines, struct wt_span *line);

/* Empties it for the next block; what it allocated stays for that. */
void wt_page_values_clear(struct wt_page_values *v);
/* Back to n values with so many bytes of JSON: what came later is forgotten. */
void wt_page_values_back(struct wt_page_values *v, size_t n, size_t json);
void wt_page_values_free(struct wt_page_values *v);

static inline bool wt_page_values_failed(const struct wt_page_values *v)
{
    return v->failed || v->json.failed || v->bytes.failed || v->keys.failed;
}

#endif
