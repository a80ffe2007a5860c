/* Strings of certificates, made printable, and kept in an arena. */
#ifndef WT_CERTIFICATE_PRINTED_H
#define WT_CERTIFICATE_PRINTED_H

#include "base/arena.h"
#include "base/buffer.h"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

struct wt_printed {
    struct wt_arena *arena;
    BIO *bio;              /* names are printed into it */
    struct wt_buffer text; /* and made printable in this one */
};

/* Without memory p->bio is NULL. */
void wt_printed_start(struct wt_printed *p, struct wt_arena *arena);
void wt_printed_free(struct wt_printed *p);

/* Adds to p->text, with unprintable bytes as RFC 4514's \XX. A backslash is escaped unless the text is escaped already. */
void wt_printed_add(struct wt_printed *p, struct wt_span s, bool escaped);
/* Copies of p->text, or of any text: NUL-terminated, in the arena. */
const char *wt_printed_keep(struct wt_printed *p);
const char *wt_printed_copy(struct wt_printed *p, struct wt_span s);

const char *wt_printed_hex(struct wt_printed *p, struct wt_span s);
const char *wt_printed_string(struct wt_printed *p, const ASN1_STRING *s);
const char *wt_printed_name(struct wt_printed *p, const X509_NAME *n); /* RFC 4514 */
const char *wt_printed_address(struct wt_printed *p, const ASN1_STRING *s);

#endif
