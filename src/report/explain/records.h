/* After the messages: the record protocol and the keys. */
#ifndef WT_EXPLAIN_RECORDS_H
#define WT_EXPLAIN_RECORDS_H

#include "report/text/text.h"

/* All that this part of the explanation depends on; without a suite there is none. */
struct wt_explain_protection {
    uint16_t suite, version;
    uint8_t resumption; /* enum wt_resumption */
    bool has_suite;
    bool etm, ems; /* encrypt_then_mac and extended_master_secret were negotiated */
    bool keys;     /* some record was decrypted */
};
/* Its padding is zero: it may be compared as bytes. */
void wt_explain_protection_of(struct wt_explain_protection *p, const struct wt_connection *c);
void wt_explain_protection(struct wt_text *x, const struct wt_explain_protection *p);

void wt_explain_end(struct wt_text *x);

#endif
