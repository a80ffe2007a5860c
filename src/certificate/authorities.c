#include "certificate/authorities.h"

#include "base/array.h"
#include "base/memory.h"
#include "base/span_hash.h"

#include <openssl/x509v3.h>
#include <stdlib.h>

struct entry {
    struct wt_issuer_key of;
    const struct wt_certificate_facts *facts; /* kept; NULL: given, and not read yet */
    struct wt_span der;                       /* of one that was given */
    uint64_t added, used;
    uint32_t next; /* of the same bucket: its index + 1 */
    bool given, trusted;
};

enum { BUCKETS = 4096 };

struct wt_authorities {
    struct wt_certificates *certificates;
    struct entry *entries;
    size_t n, room, seen; /* seen: those that were not given */
    uint64_t added, clock;
    uint32_t buckets[BUCKETS]; /* the newest of each: its index + 1 */
};

struct wt_authorities *wt_authorities_new(struct wt_certificates *certificates)
{
    struct wt_authorities *p = wt_calloc(1, sizeof *p);
    if (p)
        p->certificates = certificates;
    return p;
}

void wt_authorities_free(struct wt_authorities *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        if (p->entries[i].facts)
            wt_certificates_release(p->entries[i].facts);
    free(p->entries);
    free(p);
}

static uint64_t hash_of_id(const ASN1_OCTET_STRING *id)
{
    if (!id || !ASN1_STRING_length(id))
        return 0;
    const uint64_t hash = wt_span_hash(wt_span_of(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)));
    return hash ? hash : 1;
}

struct wt_issuer_key wt_authorities_issuer_of(X509 *below)
{
    return (struct wt_issuer_key){X509_issuer_name_hash(below), hash_of_id(X509_get0_authority_key_id(below))};
}

static uint32_t *bucket_of(struct wt_authorities *p, unsigned long name)
{
    return &p->buckets[(name ^ name >> 12 ^ name >> 24) % BUCKETS];
}

/* Into its bucket, as the newest. */
static void enter(struct wt_authorities *p, size_t at)
{
    uint32_t *head = bucket_of(p, p->entries[at].of.name);
    p->entries[at].next = *head;
    *head = (uint32_t)at + 1;
}

static void leave(struct wt_authorities *p, size_t at)
{
    uint32_t *link = bucket_of(p, p->entries[at].of.name);
    while (*link != at + 1)
        link = &p->entries[*link - 1].next;
    *link = p->entries[at].next;
}

static struct entry *append(struct wt_authorities *p)
{
    if (p->n >= UINT32_MAX - 1 || !wt_array_grow(&p->entries, p->n, &p->room, sizeof *p->entries, 64))
        return NULL;
    return &p->entries[p->n++];
}

static struct wt_issuer_key key_of(X509 *authority)
{
    return (struct wt_issuer_key){X509_subject_name_hash(authority), hash_of_id(X509_get0_subject_key_id(authority))};
}

bool wt_authorities_give(struct wt_authorities *p, X509 *authority, struct wt_span der)
{
    struct entry *e = append(p);
    if (!e)
        return false;
    *e = (struct entry){.of = key_of(authority), .der = der, .given = true};
    enter(p, p->n - 1);
    return true;
}

/* The one that makes room. */
static struct entry *least_useful(struct wt_authorities *p)
{
    struct entry *least = NULL;
    for (size_t i = 0; i < p->n; i++) {
        struct entry *e = &p->entries[i];
        if (!e->given && (!least || (e->trusted == least->trusted ? e->used < least->used : least->trusted)))
            least = e;
    }
    return least;
}

void wt_authorities_add(struct wt_authorities *p, const struct wt_certificate_facts *facts, X509 *authority,
                        bool trusted)
{
    const struct wt_issuer_key of = key_of(authority);
    struct entry *e;
    for (uint32_t at = *bucket_of(p, of.name); at; at = e->next) {
        e = &p->entries[at - 1];
        if (e->facts == facts) {
            e->used = ++p->clock;
            e->trusted = e->trusted || trusted;
            return;
        }
    }
    if (p->seen < WT_LIMIT_CHAIN_POOL) {
        if (!(e = append(p)))
            return;
        p->seen++;
    } else {
        e = least_useful(p);
        leave(p, (size_t)(e - p->entries));
        wt_certificates_release(e->facts);
    }
    *e = (struct entry){
        .of = of, .facts = wt_certificates_keep(facts), .added = ++p->added, .used = ++p->clock, .trusted = trusted};
    enter(p, (size_t)(e - p->entries));
}

uint64_t wt_authorities_next(const struct wt_authorities *p)
{
    return p->added + 1;
}

static bool fits(const struct entry *e, const struct wt_issuer_key *wanted)
{
    return e->of.name == wanted->name && (!e->of.id || !wanted->id || e->of.id == wanted->id);
}

/* One that was given is read when it is first wanted. */
static const struct wt_certificate_facts *facts_of(struct wt_authorities *p, struct entry *e)
{
    const struct wt_certificate_facts *f = e->facts ? e->facts : wt_certificates_intern(p->certificates, e->der);
    if (f && !e->facts)
        e->facts = wt_certificates_keep(f);
    return f;
}

size_t wt_authorities_find(struct wt_authorities *p, const struct wt_issuer_key *wanted, uint64_t since,
                           const struct wt_certificate_facts *out[WT_LIMIT_CHAIN_TRIES])
{
    size_t n = 0;
    for (unsigned first = 0; first < 2; first++) {
        struct entry *e;
        for (uint32_t at = *bucket_of(p, wanted->name); at && n < WT_LIMIT_CHAIN_TRIES; at = e->next) {
            e = &p->entries[at - 1];
            const bool preferred = e->given || e->trusted;
            if (preferred == !first && (since == 0 || (!e->given && e->added >= since)) && fits(e, wanted) &&
                (out[n] = facts_of(p, e))) {
                e->used = ++p->clock;
                n++;
            }
        }
    }
    return n;
}
