/* Certificates and OCSP answers for the trail: which field is where. What they mean is libcrypto's to say; here nothing
 * but names and places is made of them, in the RFCs' spelling (RFC 5280, RFC 6960, RFC 6962). */
#ifndef WT_CODEC_DER_FIELDS_H
#define WT_CODEC_DER_FIELDS_H

#include "base/span.h"
#include "base/trail.h"
#include "wiretale/error.h"

/* Each reads what it can, and says in *error where it ended. */
enum wt_code wt_der_fields_certificate(struct wt_span der, struct wt_trail *trail, struct wt_error *error);
/* A SubjectPublicKeyInfo alone, as raw public keys are sent (RFC 7250, 3), and a Name, as CertificateRequest has them. */
enum wt_code wt_der_fields_public_key(struct wt_span der, struct wt_trail *trail, struct wt_error *error);
enum wt_code wt_der_fields_name(struct wt_span der, struct wt_trail *trail, struct wt_error *error);
enum wt_code wt_der_fields_ocsp(struct wt_span der, struct wt_trail *trail, struct wt_error *error);
/* A SignedCertificateTimestampList with its length, as the TLS extension has it and the OCTET STRINGs hold it. */
enum wt_code wt_der_fields_scts(struct wt_span list, struct wt_trail *trail, struct wt_error *error);

/* RFC 5280, 4.2.1.3: the name of a bit of KeyUsage, from 0 "digitalSignature" to 8 "decipherOnly"; NULL past them. */
const char *wt_der_key_usage(unsigned bit);

#endif
