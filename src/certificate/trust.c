#include "certificate/trust.h"

#include "base/array.h"
#include "base/memory.h"
#include "registry/limits.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/stat.h>

struct wt_trust *wt_trust_new(void)
{
    return wt_calloc(1, sizeof(struct wt_trust));
}

static void free_spans(struct wt_span *spans, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)spans[i].p);
    free(spans);
}

void wt_trust_free(struct wt_trust *t)
{
    if (!t)
        return;
    free_spans(t->anchors, t->anchor_count);
    free_spans(t->untrusted, t->untrusted_count);
    for (size_t i = 0; i < t->path_count; i++)
        free(t->paths[i]);
    free(t->paths);
    for (size_t i = 0; i < t->log_count; i++)
        free((void *)(uintptr_t)t->logs[i].key.p);
    free(t->logs);
    free(t->host);
    free(t);
}

void wt_trust_set_time(struct wt_trust *t, int64_t seconds)
{
    t->time = seconds;
    t->has_time = true;
}

bool wt_trust_time(const struct wt_trust *t, int64_t *seconds)
{
    *seconds = t->time;
    return t->has_time;
}

void wt_trust_without_system(struct wt_trust *t)
{
    t->no_system = true;
}

static bool copy(struct wt_span in, struct wt_span *out)
{
    uint8_t *p = wt_malloc(in.n ? in.n : 1);
    if (!p)
        return false;
    memcpy(p, in.p, in.n);
    *out = wt_span_of(p, in.n);
    return true;
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

/* Anchors, or untrusted ones. */
struct list {
    struct wt_span **der;
    size_t *n, *room;
};

static bool add(const struct list *to, X509 *x, enum wt_problem_id *why)
{
    uint8_t *der = NULL;
    int length = i2d_X509(x, &der);
    bool ok = length > 0 && wt_array_grow(to->der, *to->n, to->room, sizeof **to->der, 4) &&
              copy(wt_span_of(der, (size_t)length), &(*to->der)[*to->n]);
    *to->n += ok;
    OPENSSL_free(der);
    if (!ok)
        *why = WT_PROBLEM_MEMORY;
    return ok;
}

/* One certificate of a PEM file, plain or as OpenSSL's TRUSTED CERTIFICATE; other blocks (keys) are skipped. */
static bool add_pem(const struct list *to, BIO *bio, enum wt_problem_id *why)
{
    size_t before = *to->n;
    X509 *x;
    while ((x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
        bool room = *to->n < WT_LIMIT_TRUST, ok = room && add(to, x, why);
        X509_free(x);
        if (!ok) {
            if (!room)
                *why = WT_PROBLEM_TRUST_MANY;
            return false;
        }
    }
    /* the end of a PEM file is an error of its own; any other means that a certificate is malformed */
    unsigned long e = ERR_peek_last_error();
    bool ended = ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
    *why = *to->n == before ? WT_PROBLEM_TRUST_NONE : WT_PROBLEM_TRUST_BROKEN;
    return ended && *to->n > before;
}

static bool add_all(const struct list *to, const void *bytes, size_t length, enum wt_problem_id *why)
{
    const uint8_t *p = bytes;
    bool ok = false;
    *why = WT_PROBLEM_TRUST_LARGE;
    if (length > WT_LIMIT_TRUST_FILE)
        return false;
    ERR_set_mark();
    X509 *x = length && p[0] == 0x30 ? d2i_X509(NULL, &p, (long)length) : NULL;
    BIO *bio = x ? NULL : BIO_new_mem_buf(length ? bytes : "", (int)length);
    *why = WT_PROBLEM_MEMORY;
    if (x)
        ok = add(to, x, why);
    else if (bio)
        ok = add_pem(to, bio, why);
    X509_free(x);
    BIO_free(bio);
    ERR_pop_to_mark();
    return ok;
}

bool wt_trust_add_ca(struct wt_trust *t, const void *bytes, size_t length, enum wt_problem_id *why)
{
    return add_all(&(struct list){&t->anchors, &t->anchor_count, &t->anchor_room}, bytes, length, why);
}

bool wt_trust_add_untrusted(struct wt_trust *t, const void *bytes, size_t length, enum wt_problem_id *why)
{
    return add_all(&(struct list){&t->untrusted, &t->untrusted_count, &t->untrusted_room}, bytes, length, why);
}

bool wt_trust_add_ca_path(struct wt_trust *t, const char *path, enum wt_problem_id *why)
{
    struct stat st;
    *why = WT_PROBLEM_TRUST_PATH;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return false;
    *why = WT_PROBLEM_MEMORY;
    if (!wt_array_grow(&t->paths, t->path_count, &t->path_room, sizeof *t->paths, 4))
        return false;
    t->paths[t->path_count] = wt_strdup(path);
    return t->paths[t->path_count] && ++t->path_count;
}

bool wt_trust_set_host(struct wt_trust *t, const char *host, enum wt_problem_id *why)
{
    size_t n = strlen(host);
    *why = WT_PROBLEM_TRUST_HOST;
    /* RFC 1035, 2.3.4: names of 255 octets or less */
    if (n == 0 || n > 255)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)host[i] <= ' ' || (uint8_t)host[i] >= 0x7f)
            return false;
    *why = WT_PROBLEM_MEMORY;
    char *kept = wt_strdup(host);
    if (!kept)
        return false;
    free(t->host);
    t->host = kept;
    return true;
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

/* The bytes of base64 text; false if it is not base64. */
static bool unbase64(struct wt_span text, struct wt_buffer *out)
{
    int padding = 0;
    out->n = 0;
    if (text.n < 4 || text.n % 4 || text.n > 16384)
        return false;
    for (size_t i = text.n; i-- > text.n - 2 && text.p[i] == '=';)
        padding++;
    uint8_t *room = wt_buffer_room(out, text.n);
    int n = room ? EVP_DecodeBlock(room, text.p, (int)text.n) : -1;
    if (n < padding)
        return false;
    out->n = (size_t)(n - padding);
    return true;
}

static bool add_log(struct wt_trust *t, struct wt_span text, struct wt_span name, enum wt_problem_id *why)
{
    struct wt_buffer der = {0};
    bool ok = unbase64(text, &der);
    const uint8_t *p = der.p;
    EVP_PKEY *key = ok ? d2i_PUBKEY(NULL, &p, (long)der.n) : NULL;
    ok = key != NULL;
    EVP_PKEY_free(key);
    *why = WT_PROBLEM_TRUST_LOG;
    if (ok) {
        *why = WT_PROBLEM_MEMORY;
        ok = wt_array_grow(&t->logs, t->log_count, &t->log_room, sizeof *t->logs, 64);
        if (ok) {
            struct wt_trust_log *log = &t->logs[t->log_count];
            size_t n = name.n < sizeof log->name - 1 ? name.n : sizeof log->name - 1;
            *log = (struct wt_trust_log){0};
            if (n)
                memcpy(log->name, name.p, n);
            /* RFC 6962, 3.2: "LogID ... The SHA-256 hash of the log's public key" */
            SHA256(der.p, der.n, log->id);
            ok = copy(wt_buffer_span(&der), &log->key);
            t->log_count += ok;
        }
    }
    wt_buffer_free(&der);
    return ok;
}

/* The string after the next "name": from `at` on; moves `at` past it. */
static bool json_string(struct wt_span all, const char *name, size_t *at, struct wt_span *out)
{
    size_t n = strlen(name);
    for (size_t i = *at; i + n + 2 < all.n; i++) {
        if (all.p[i] != '"' || memcmp(all.p + i + 1, name, n) != 0 || all.p[i + 1 + n] != '"')
            continue;
        size_t from = i + n + 2;
        while (from < all.n && strchr(" \t\r\n:", all.p[from]))
            from++;
        if (from >= all.n || all.p[from] != '"')
            continue;
        size_t to = ++from;
        while (to < all.n && all.p[to] != '"')
            to += all.p[to] == '\\' ? 2 : 1;
        if (to >= all.n)
            return false;
        *out = wt_span_cut(all, from, to - from);
        *at = to + 1;
        return true;
    }
    return false;
}

/* The lists of Chrome and Apple: each log is an object with "description" before its "key"; base64 has no character
 * that JSON must escape except the slash, which may be. */
static bool add_json(struct wt_trust *t, struct wt_span all, enum wt_problem_id *why)
{
    size_t at = 0, before = t->log_count;
    struct wt_span key, name;
    while (json_string(all, "key", &at, &key)) {
        char plain[4096];
        size_t n = 0, from = 0;
        for (size_t i = 0; i < key.n && n < sizeof plain; i++)
            if (key.p[i] != '\\')
                plain[n++] = (char)key.p[i];
        /* the nearest description before it */
        name = (struct wt_span){0};
        struct wt_span upto = wt_span_cut(all, 0, (size_t)(key.p - all.p)), found;
        size_t window = upto.n > 1024 ? upto.n - 1024 : 0;
        from = window;
        while (json_string(upto, "description", &from, &found))
            name = found;
        if (!add_log(t, wt_span_of(plain, n), name, why))
            return false;
    }
    *why = WT_PROBLEM_TRUST_NO_LOG;
    return t->log_count > before;
}

static bool add_lines(struct wt_trust *t, struct wt_span all, enum wt_problem_id *why)
{
    size_t before = t->log_count;
    while (all.n) {
        const uint8_t *end = memchr(all.p, '\n', all.n);
        size_t n = end ? (size_t)(end - all.p) : all.n, from = 0, to;
        struct wt_span line = wt_span_cut(all, 0, n);
        all = wt_span_cut(all, n + (end != NULL), SIZE_MAX);
        while (line.n && strchr(" \t\r", line.p[line.n - 1]))
            line.n--;
        while (from < line.n && (line.p[from] == ' ' || line.p[from] == '\t'))
            from++;
        if (from == line.n || line.p[from] == '#')
            continue;
        for (to = from; to < line.n && line.p[to] != ' ' && line.p[to] != '\t';)
            to++;
        struct wt_span name = wt_span_cut(line, to < line.n ? to + 1 : to, SIZE_MAX);
        if (!add_log(t, wt_span_cut(line, from, to - from), name, why))
            return false;
    }
    *why = WT_PROBLEM_TRUST_NO_LOG;
    return t->log_count > before;
}

bool wt_trust_add_logs(struct wt_trust *t, const void *bytes, size_t length, enum wt_problem_id *why)
{
    struct wt_span all = wt_span_of(bytes, length);
    size_t at = 0;
    *why = WT_PROBLEM_TRUST_LARGE;
    if (length > WT_LIMIT_TRUST_FILE)
        return false;
    while (at < all.n && strchr(" \t\r\n", all.p[at]))
        at++;
    ERR_set_mark();
    bool ok = at < all.n && all.p[at] == '{' ? add_json(t, all, why) : add_lines(t, all, why);
    ERR_pop_to_mark();
    return ok;
}
