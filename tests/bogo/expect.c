/* What the runner expects of a connection. */
#include "shim.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fail(const char *what)
{
    fprintf(stderr, "wrong: %s\n", what);
    return 1;
}

static bool is_text(struct wt_span s, const char *text)
{
    return s.n == strlen(text) && !memcmp(s.p, text, s.n);
}

static bool is_bytes(struct wt_span s, const struct bytes *b)
{
    return s.n == b->n && (!b->n || !memcmp(s.p, b->p, b->n));
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

/* Those of a file, in PEM, in that order. */
static bool is_chain(const struct wt_endpoint_info *i, const char *path)
{
    size_t n, count = 0;
    char *text = read_file(path, &n);
    BIO *bio = BIO_new_mem_buf(text, (int)n);
    bool same = true;
    X509 *x;
    for (; (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)); count++) {
        uint8_t sha256[SHA256_DIGEST_LENGTH];
        unsigned length = sizeof sha256;
        const uint8_t *is = !i->resumed ? (count < i->certificate_count ? i->certificates[count]->sha256 : NULL)
                            : !count    ? i->certificate_sha256
                                        : sha256; /* of a session the first is known */
        same &= X509_digest(x, EVP_sha256(), sha256, &length) == 1 && is && !memcmp(is, sha256, sizeof sha256);
        X509_free(x);
    }
    BIO_free(bio);
    free(text);
    return same && count && (i->resumed || count == i->certificate_count);
}

/* --- the handshake ------------------------------------------------------------------------------------------------ */

static const char *check_peer(const struct talk *t, const struct wt_endpoint_info *i)
{
    const struct config *c = t->c;
    if (c->expect_scheme && !i->resumed && i->scheme != c->expect_scheme)
        return "scheme";
    if (c->expect_chain && !is_chain(i, c->expect_chain))
        return "certificates";
    if (c->expect_sha256 && !i->certificate_sha256)
        return "hash of the certificate";
    if (c->expect_ocsp.n && !i->resumed && !t->handshakes && !is_bytes(i->staple, &c->expect_ocsp))
        return "OCSP response";
    if (c->expect_timestamps.n && !i->resumed && !t->handshakes && !is_bytes(i->timestamps, &c->expect_timestamps))
        return "signed certificate timestamps";
    return NULL;
}

static const char *check(const struct talk *t, const struct wt_endpoint_info *i)
{
    const struct config *c = t->c;
    if (!t->handshakes && i->resumed != (t->resumes && !c->session_miss))
        return "resumption";
    if ((c->accept_early && !i->early_data_accepted) || (c->reject_early && i->early_data_accepted))
        return "early data";
    if (i->resumed && i->ticket_age_skew != c->expect_skew)
        return "age of the ticket";
    if (c->expect_version && i->version != c->expect_version)
        return "version";
    if (c->expect_curve && !(i->resumed && i->version == 0x0303) && i->group != c->expect_curve)
        return "group";
    if (c->expect_cipher && i->suite != c->expect_cipher)
        return "suite";
    if (c->expect_host && !is_text(i->host, c->expect_host))
        return "name";
    if (c->expect_alpn && !is_text(i->alpn, c->expect_alpn))
        return "protocol";
    if (c->expect_ems && i->version == 0x0303 && !i->extended_master)
        return "extended_master_secret";
    if ((c->hrr && !i->retried) || (c->no_hrr && i->retried))
        return "HelloRetryRequest";
    return check_peer(t, i);
}

int check_established(const struct talk *t)
{
    struct wt_endpoint_info i;
    wt_endpoint_info(t->e, &i);
    const char *wrong = t->c->never_done ? "it is done" : check(t, &i);
    return wrong ? fail(wrong) : 0;
}

/* --- what the peer lists ------------------------------------------------------------------------------------------ */

static bool has_names(struct wt_span list, const char *expected)
{
    struct bytes names[16];
    const size_t count = read_names(expected, names, 16);
    for (size_t i = 0; i < count; i++) {
        const struct wt_span name = {list.p + 2, names[i].n};
        if (list.n < 2 + name.n || (size_t)(list.p[0] << 8 | list.p[1]) != name.n || !is_bytes(name, &names[i]))
            return false;
        list = (struct wt_span){list.p + 2 + name.n, list.n - 2 - name.n};
    }
    return !list.n;
}

static bool has_schemes(struct wt_span list, const struct codes *codes)
{
    bool same = list.n == 2 * codes->n;
    for (size_t i = 0; same && i < codes->n; i++)
        same = (list.p[2 * i] << 8 | list.p[2 * i + 1]) == codes->list[i];
    return same;
}

int check_hello(const struct talk *t, const struct wt_event *event)
{
    const char *list = t->c->expect_advertised;
    return list && !is_text(event->alpn, list) ? fail("protocols that are offered") : 0;
}

int check_question(const struct talk *t, const struct wt_event *event)
{
    const struct config *c = t->c;
    const struct wt_span own = t->p->psk.identity;
    if (event->ask == WT_ASK_PSK && (event->psk.n != own.n || (own.n && memcmp(event->psk.p, own.p, own.n) != 0)))
        return fail("hint");
    if (event->ask != WT_ASK_IDENTITY)
        return 0;
    if (c->expect_schemes.n && !has_schemes(event->schemes, &c->expect_schemes))
        return fail("schemes");
    return c->expect_authorities && !has_names(event->authorities, c->expect_authorities) ? fail("authorities") : 0;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

int check_end(const struct talk *t)
{
    const struct wt_finding *why = wt_endpoint_why(t->e);
    struct wt_endpoint_info i;
    wt_endpoint_info(t->e, &i);
    if (why && (t->c->check_close || strcmp(why->id, "truncated-close") != 0)) {
        fprintf(stderr, "%s: %s (alert %u %s)\n", why->id, why->text, i.alert,
                !i.has_alert   ? "none"
                : i.alert_sent ? "sent"
                               : "received");
        return 1;
    }
    if (!i.established)
        return fail("not established");
    return t->handshakes - 1 < t->c->expect_renegotiations ? fail("renegotiations") : 0;
}
