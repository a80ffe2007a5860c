#include "keys/store.h"

#include "base/array.h"
#include "base/memory.h"
#include "keys/key_text.h"
#include "keys/psk.h"
#include "registry/limits.h"

#include <stdlib.h>

struct private_keys {
    struct wt_private_key **list;
    size_t n, cap;
};

struct wt_keys {
    struct wt_crypto *crypto;
    struct wt_keylog *log;
    struct wt_psks psks;
    struct private_keys rsa, sm2;
    uint64_t faults; /* beside those of key logs */
    bool no_more;    /* secrets come: wt_keys_await() */
    void (*fault)(void *context, const struct wt_keys_fault *fault);
    void *context;
};

struct wt_keys_log {
    struct wt_keylog_source *source;
};

static void report(const struct wt_keys *keys, const char *file, uint64_t line, unsigned column, enum wt_problem_id id)
{
    const struct wt_problem problem = {.id = id};
    const struct wt_keys_fault f = {file, line, column, &problem};
    if (keys->fault)
        keys->fault(keys->context, &f);
}

struct wt_keys *wt_keys_new(void (*fault)(void *context, const struct wt_keys_fault *fault), void *context)
{
    struct wt_keys *keys = wt_calloc(1, sizeof *keys);
    if (!keys)
        return NULL;
    keys->fault = fault;
    keys->context = context;
    keys->crypto = wt_crypto_new();
    keys->log = wt_keylog_new(fault, context);
    keys->psks.key = wt_siphash_key();
    if (keys->crypto && keys->log)
        return keys;
    wt_keys_free(keys);
    return NULL;
}

static void private_keys_free(struct private_keys *k)
{
    for (size_t i = 0; i < k->n; i++)
        wt_private_key_free(k->list[i]);
    free(k->list);
}

void wt_keys_free(struct wt_keys *keys)
{
    if (!keys)
        return;
    private_keys_free(&keys->rsa);
    private_keys_free(&keys->sm2);
    wt_psks_clear(&keys->psks);
    wt_keylog_free(keys->log);
    wt_crypto_free(keys->crypto);
    free(keys);
}

struct wt_keys_log *wt_keys_log_open(struct wt_keys *keys, const char *name, bool dsb)
{
    struct wt_keys_log *log = wt_calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->source = wt_keylog_source(keys->log, name, dsb ? WT_SOURCE_DSB : WT_SOURCE_KEYLOG);
    if (!log->source) {
        free(log);
        return NULL;
    }
    return log;
}

void wt_keys_log_feed(struct wt_keys_log *log, const void *text, size_t length)
{
    wt_keylog_feed(log->source, wt_span_of(text, length));
}

void wt_keys_log_close(struct wt_keys_log *log)
{
    if (!log)
        return;
    wt_keylog_source_end(log->source);
    free(log);
}

void wt_keys_forget(struct wt_keys *keys, const uint8_t random[32])
{
    wt_keylog_forget(keys->log, random);
}

void wt_keys_expire(struct wt_keys *keys, uint64_t minute)
{
    wt_keylog_expire(keys->log, (uint16_t)minute);
}

static bool add_private(struct wt_keys *keys, struct private_keys *to, struct wt_span file, const char *password,
                        enum wt_private_key_use use, enum wt_problem_id *why)
{
    *why = WT_PROBLEM_NONE;
    if (to->n >= WT_LIMIT_RSA_KEYS) {
        *why = WT_PROBLEM_RSA_MANY;
        return false;
    }
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the list is one of pointers */
    if (!wt_array_grow(&to->list, to->n, &to->cap, sizeof to->list[0], 4)) {
        *why = WT_PROBLEM_MEMORY;
        return false;
    }
    struct wt_private_key *key = wt_private_key_load(keys->crypto, file, password, use, why);
    if (!key)
        return false;
    to->list[to->n++] = key;
    return true;
}

bool wt_keys_add_rsa(struct wt_keys *keys, const void *bytes, size_t length, const char *password,
                     enum wt_problem_id *why)
{
    return add_private(keys, &keys->rsa, wt_span_of(bytes, length), password, WT_KEY_DECRYPTS, why);
}

bool wt_keys_add_sm2(struct wt_keys *keys, const void *bytes, size_t length, const char *password,
                     enum wt_problem_id *why)
{
    return add_private(keys, &keys->sm2, wt_span_of(bytes, length), password, WT_KEY_DECRYPTS_SM2, why);
}

bool wt_keys_add_psk(struct wt_keys *keys, const void *identity, size_t identity_length, const void *psk,
                     size_t psk_length, enum wt_problem_id *why)
{
    return wt_psks_add(&keys->psks, wt_span_of(identity, identity ? identity_length : 0), wt_span_of(psk, psk_length),
                       why);
}

/* One line; `room` holds twice as many bytes as the line. */
static bool add_psk_line(struct wt_keys *keys, const char *name, uint64_t number, struct wt_span line, uint8_t *room)
{
    uint8_t *psk = room + line.n;
    size_t identity_n = 0, psk_n = 0, column = 1;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    bool taken = false;
    switch (wt_psk_line(line, room, &identity_n, psk, &psk_n, &column, &why)) {
    case WT_PSK_NOTHING:
        break;
    case WT_PSK_LINE:
        taken = wt_psks_add(&keys->psks, wt_span_of(room, identity_n), wt_span_of(psk, psk_n), &why);
        break;
    case WT_PSK_WRONG:
        break;
    }
    wt_wipe(psk, line.n);
    if (why) {
        keys->faults++;
        report(keys, name, number, column < UINT32_MAX ? (unsigned)column : UINT32_MAX, why);
    }
    return taken;
}

/* Up to LF, CR or CRLF; *next is where the following line begins. */
static struct wt_span first_line(struct wt_span text, size_t *next)
{
    size_t n = 0;
    while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
        n++;
    *next = n < text.n ? n + 1 : n;
    if (n + 1 < text.n && text.p[n] == '\r' && text.p[n + 1] == '\n')
        *next = n + 2;
    return wt_span_cut(text, 0, n);
}

size_t wt_keys_add_psk_file(struct wt_keys *keys, const char *name, const void *text, size_t length)
{
    uint8_t *room = length && length < SIZE_MAX / 3 ? wt_malloc(3 * length) : NULL;
    size_t taken = 0, next;
    uint64_t number = 1;
    if (!room) {
        keys->faults += length != 0;
        if (length)
            report(keys, name, 1, 1, WT_PROBLEM_MEMORY);
        return 0;
    }
    uint8_t *narrow = room + 2 * length;
    size_t n = wt_key_text_narrow(wt_span_of(text, length), narrow);
    for (struct wt_span rest = wt_span_of(narrow, n); rest.n; rest = wt_span_cut(rest, next, rest.n), number++)
        taken += add_psk_line(keys, name, number, first_line(rest, &next), room);
    wt_wipe(narrow, n);
    free(room);
    return taken;
}

struct wt_keys_count wt_keys_count(const struct wt_keys *keys)
{
    struct wt_keylog_count log = wt_keylog_count(keys->log);
    return (struct wt_keys_count){.secrets = log.secrets,
                                  .lines = log.lines,
                                  .faults = log.faults + keys->faults,
                                  .refused = log.refused,
                                  .rsa_keys = keys->rsa.n,
                                  .psks = keys->psks.n,
                                  .sm2_keys = keys->sm2.n};
}

struct wt_keylog *wt_keys_keylog(const struct wt_keys *keys)
{
    return keys->log;
}

bool wt_keys_any(const struct wt_keys *keys)
{
    return wt_keylog_count(keys->log).secrets || keys->rsa.n || keys->sm2.n || keys->psks.n;
}

void wt_keys_await(struct wt_keys *keys, bool more)
{
    keys->no_more = !more;
}

bool wt_keys_may_open(const struct wt_keys *keys)
{
    return !keys->no_more || wt_keys_any(keys);
}

const struct wt_private_key *wt_keys_rsa(const struct wt_keys *keys, const struct wt_public_key *of)
{
    for (size_t i = 0; i < keys->rsa.n; i++)
        if (wt_private_key_fits(keys->rsa.list[i], of))
            return keys->rsa.list[i];
    return NULL;
}

const struct wt_private_key *wt_keys_rsa_at(const struct wt_keys *keys, size_t i)
{
    return i < keys->rsa.n ? keys->rsa.list[i] : NULL;
}

const struct wt_private_key *wt_keys_sm2_at(const struct wt_keys *keys, size_t i)
{
    return i < keys->sm2.n ? keys->sm2.list[i] : NULL;
}

bool wt_keys_psk(const struct wt_keys *keys, struct wt_span identity, size_t i, struct wt_span *psk)
{
    return wt_psks_find(&keys->psks, identity, i, psk);
}

struct wt_crypto *wt_keys_crypto(const struct wt_keys *keys)
{
    return keys->crypto;
}
