/* The fields of a message, a certificate, an OCSP answer or a list of SCTs, one by one and in order: what it is called,
 * where it is, what it says and what it means. They come from the decoders themselves, so that nobody needs a second
 * parser to say where a field is.
 *
 *     static bool print(void *context, const struct wt_field *field)
 *     {
 *         printf("%zu+%zu %s\n", field->offset, field->length, field->path);
 *         return true;
 *     }
 *     wt_fields_message(message, print, NULL);
 */
#ifndef WIRETALE_FIELDS_H
#define WIRETALE_FIELDS_H

#include "wiretale/registry.h"
#include "wiretale/story.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_field_kind {
    WT_FIELD_NUMBER, /* `number` */
    WT_FIELD_CODE,   /* `number`, a code point of `registry`; its name in `value_name` */
    WT_FIELD_BYTES,
    WT_FIELD_TEXT,   /* bytes that the RFC calls text: never trust them to be any */
    WT_FIELD_OID,    /* `text`: in dotted form; its name in `value_name` */
    WT_FIELD_STRUCT, /* the fields in it follow, one level deeper */
    WT_FIELD_LIST,   /* its elements follow, one level deeper */
    WT_FIELD_ERROR,  /* the last: reading ended at `offset`; `text` says why, in the user's language */
};

/* One field. It holds until the callback returns. */
struct wt_field {
    const char *name;        /* as the RFC spells it: "cipher_suites", "tbsCertificate" */
    const char *path;        /* names from the outermost on, an element of a list with its number from 0:
                                "extensions/extension[2]/extension_type"; cut where it is longer than 500 bytes */
    size_t offset;           /* of its first byte, after its length prefix or its tag and length: from the start of the
                                message's body or of the DER */
    size_t length;           /* bytes, without those before `offset` */
    size_t prefix;           /* bytes before `offset` that are its length (TLS), or its tag and length (DER) */
    struct wt_span bytes;    /* its bytes, where they are in what was handed in */
    uint64_t number;         /* of NUMBER and CODE */
    const char *text;        /* of OID and ERROR; else NULL */
    const char *value_name;  /* IANA's name of a code point, libcrypto's of an OID ("commonName"); NULL: none */
    const char *explanation; /* what it means, in the user's language; NULL: its name says it */
    unsigned depth;          /* 0: outermost */
    uint8_t kind;            /* enum wt_field_kind */
    uint8_t registry;        /* enum wt_registry, of CODE */
    const struct wt_error *error; /* of ERROR; else NULL */
};

/* Called for each field; false ends the walk. */
typedef bool wt_field_sink(void *context, const struct wt_field *field);

/* True when all could be read and no callback ended the walk. What cannot be read is walked up to where it goes wrong;
 * the last field is then WT_FIELD_ERROR. False without any field: the system gives no memory. At most 65,536 fields are
 * shown of one thing; for the rest, WT_FIELD_ERROR with WT_LIMIT. */

/* A handshake message, an alert, a heartbeat message or an SSL 2.0 message, as it is kept in the story. One without a
 * body (encrypted, or of another content type) has no fields. */
WT_API bool wt_fields_message(const struct wt_message *message, wt_field_sink *field, void *context);
/* An X.509 certificate in DER: RFC 5280, 4.1. Known extensions are read; others are their OID and bytes. */
WT_API bool wt_fields_certificate(struct wt_span der, wt_field_sink *field, void *context);
/* An OCSPResponse in DER: RFC 6960, 4.2.1. */
WT_API bool wt_fields_ocsp(struct wt_span der, wt_field_sink *field, void *context);
/* A SignedCertificateTimestampList: RFC 6962, 3.3. */
WT_API bool wt_fields_scts(struct wt_span list, wt_field_sink *field, void *context);

#ifdef __cplusplus
}
#endif
#endif
