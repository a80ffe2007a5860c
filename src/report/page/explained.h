/* What is said about a message, said once for all that are alike. */
#ifndef WT_REPORT_PAGE_EXPLAINED_H
#define WT_REPORT_PAGE_EXPLAINED_H

#include "report/page/page.h"

/* What an explanation depends on. Its padding is zero: it may be compared as bytes. */
struct wt_page_facts {
    const char *reason; /* of the proof */
    uint32_t length, record_length, inside;
    uint32_t r_length, r_plaintext, r_padding;
    uint16_t flags, record_version, records, version, offered, suite;
    uint16_t shape_version, r_version, scheme;
    uint8_t kind, row_from, finished, from, content_type, type, inner_type;
    uint8_t shape_kx, shape_certificate, pieces, level;
    uint8_t has_suite, resumption, early_data;
    uint8_t proof, result; /* number + 1; 0: none */
    uint8_t r_seen, r_header_length, r_header[5], r_type, r_opened, r_inner;
    uint8_t body_length, body[2];
};

/* False when there is more to it. */
bool wt_page_facts(struct wt_page_facts *f, const struct wt_text *x, const struct wt_row *row);

/* The number of the value with the lines of its explanation; each message is explained as if it were alone, since a
 * reader opens any of them first. `f`: its facts, NULL when there is more to it. */
size_t wt_page_explained(struct wt_page *p, struct wt_text *x, const struct wt_row *row, const struct wt_page_facts *f);

#endif
