/* ASN.1's Distinguished Encoding Rules (X.690) for readers: one element, its identifier, and its contents.
 *
 * Lengths are definite, as DER wants them; that they could be shorter is let pass (X.690, 10.1, which libcrypto does
 * not enforce either). Identifiers of more than one byte (tag numbers over 30) are in none of the structures that are
 * read here, and are refused. */
#ifndef WT_BASE_DER_H
#define WT_BASE_DER_H

#include "base/reader.h"

enum {
    WT_DER_BOOLEAN = 0x01,
    WT_DER_INTEGER = 0x02,
    WT_DER_BIT_STRING = 0x03,
    WT_DER_OCTET_STRING = 0x04,
    WT_DER_NULL = 0x05,
    WT_DER_OID = 0x06,
    WT_DER_ENUMERATED = 0x0a,
    WT_DER_UTF8 = 0x0c,
    WT_DER_PRINTABLE = 0x13,
    WT_DER_T61 = 0x14,
    WT_DER_IA5 = 0x16,
    WT_DER_UTC_TIME = 0x17,
    WT_DER_GENERALIZED_TIME = 0x18,
    WT_DER_VISIBLE = 0x1a,
    WT_DER_UNIVERSAL = 0x1c,
    WT_DER_BMP = 0x1e,
    WT_DER_SEQUENCE = 0x30,
    WT_DER_SET = 0x31,
    WT_DER_CONSTRUCTED = 0x20,
    WT_DER_CONTEXT = 0x80, /* and the tag's number */
};

struct wt_der {
    uint8_t tag;  /* the identifier byte */
    uint8_t head; /* bytes of identifier and length */
    size_t n;     /* bytes of contents, all of which are there */
};

/* Looks at the next element without taking it. False, with the reader failed, when there is none whole. */
bool wt_der_peek(struct wt_reader *r, const char *field, struct wt_der *d);
/* Takes the element that was looked at; `skip` bytes of its contents count as its head (the unused bits of a BIT
 * STRING). Returns the rest of its contents. */
struct wt_span wt_der_take(struct wt_reader *r, const char *field, const struct wt_der *d, unsigned skip, unsigned form,
                           uint64_t value);
/* Takes it to read what is inside, one level deeper in the trail. `silent`: it is not in the trail itself. */
struct wt_reader wt_der_enter(struct wt_reader *r, const char *field, const struct wt_der *d, unsigned form,
                              bool silent);

#endif
