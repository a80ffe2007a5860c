/* The text report: a story from its head to its end. Each part of it has a header and a file of its own. */
#ifndef WT_REPORT_TEXT_H
#define WT_REPORT_TEXT_H

#include "base/i18n.h"
#include "codec/http3.h"
#include "report/term.h"
#include "wiretale/story.h"

/* One story on its way to the terminal. */
struct wt_text {
    struct wt_term term;
    const struct wt_connection *c;
    const struct wt_text_options *options;
    unsigned prose;         /* column where sentences are broken: wide lines are hard to read */
    struct wt_buffer words; /* a sentence in the making */
    bool certificates_told[2];
    bool fields_apart; /* with explain: fields are shown elsewhere, not under their message */
    /* What --explain has told already is not told again. */
    bool suite_told, data_told;
    uint8_t told[3][256];         /* handshake, SSL 2.0, other content: a bit for each side that sent it */
    uint8_t told_extension[8192]; /* a bit each */
    const char *told_fields[128]; /* meanings of packets' fields */
    unsigned told_field_count;
    struct wt_http3_places http3; /* of packets that were explained */
    size_t http3_next;            /* the first that was not */
};

/* From nothing to a story's text, and back. */
void wt_text_begin(struct wt_text *x, struct wt_output *output, const struct wt_connection *c,
                   const struct wt_text_options *options);
void wt_text_finish(struct wt_text *x);

/* The story's head; its rows are lane.h's. */
void wt_text_head(struct wt_text *x);
/* "established in 61.3 ms", "failed", … */
const char *wt_text_outcome(struct wt_text *x);
enum wt_style wt_text_state_style(const struct wt_connection *c);

/* A headline of the story's parts. */
void wt_text_headline(struct wt_text *x, const char *text);

#endif
