/* Chains of certificates that a test itself issues, and a judge of them. */
#ifndef WT_TESTS_OBSERVER_ISSUED_H
#define WT_TESTS_OBSERVER_ISSUED_H

#include "base/span.h"
#include "certificate/chain_names.h"
#include "certificate/clock.h"
#include "certificate/judgements.h"
#include "certificate/ocsp.h"
#include "codec/codec.h"
#include "observer/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { DAY = 86400 };
#define NOW INT64_C(1700000000) /* 2023-11-14 */

/* A certificate with its key. */
struct party {
    X509 *x;
    EVP_PKEY *key;
    const struct wt_certificate_facts *facts;
};

struct made {
    struct wt_crypto *crypto;
    struct wt_certificates *certificates;
    struct wt_trust *trust;
    struct wt_judge *judge;
    struct party root, intermediate, leaf;
};

/* What differs from a good certificate. */
struct form {
    const char *name, *san, *usage, *purpose, *constraints, *more; /* more: "OID=DER:..." for one more extension */
    const char *authority;                                         /* authorityKeyIdentifier; NULL: "keyid" */
    int64_t from, until;                                           /* seconds after NOW; 0 and 0: a year around it */
    int rsa;                                                       /* bits; 0: P-256 */
    const EVP_MD *md;
};

extern const struct form ROOT, INTERMEDIATE, LEAF;

struct party issue(const struct form *f, const struct party *by);
void intern(struct made *m, struct party *p);
void drop(struct party *p);
void trust_root(struct made *m, const struct party *p);
void begin(struct made *m);
/* What is wrong with a leaf of this form, with the intermediate behind it. */
const struct wt_judgement *of_leaf(struct made *m, const struct form *leaf);
void finish(struct made *m);
unsigned bit(enum wt_chain_fault fault);

#endif
