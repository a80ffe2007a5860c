/* What keys showed, as the JSON contract (docs/json.md) has it: where they came from, what was opened and said, which
 * proofs hold, and, only where the caller kept them, the secrets' own steps. */
#include "report/json/keys.h"

#include "base/i18n.h"
#include "registry/registry.h"
#include "report/json/json.h"
#include "report/json/memo.h"
#include "report/json/trail.h"
#include "story/words.h"

#include <stdio.h>
#include <string.h>

static void some(struct wt_json *j, const char *key, uint64_t value)
{
    if (value)
        wt_json_member_number(j, key, value);
}

static void plaintext(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->has_plaintext[WT_CLIENT] && !c->has_plaintext[WT_SERVER])
        return;
    wt_json_key(j, "plaintext");
    wt_json_open(j, '{');
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        const struct wt_plaintext_count *p = &c->plaintext[side];
        if (!c->has_plaintext[side])
            continue;
        wt_json_key_word(j, wt_words_side(side));
        wt_json_open(j, '{');
        wt_json_member_number(j, "bytes", p->bytes);
        if (p->has_sha256) {
            wt_json_key(j, "sha256");
            wt_json_hex(j, wt_span_of(p->sha256, sizeof p->sha256));
        }
        wt_json_close(j, '}');
    }
    wt_json_close(j, '}');
}

/* Keys that opened nothing are told too: they do not belong to this connection. */
static bool has_records(const struct wt_connection *c)
{
    const struct wt_plaintext_count *p = c->plaintext;
    return c->decryption != WT_DECRYPTION_NONE || p[0].failed || p[1].failed || p[0].opened || p[1].opened;
}

static void records(struct wt_json *j, const struct wt_connection *c)
{
    const struct wt_plaintext_count *p = c->plaintext;
    if (!has_records(c))
        return;
    wt_json_key(j, "records");
    wt_json_open(j, '{');
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        wt_json_key_word(j, wt_words_side(side));
        wt_json_open(j, '{');
        wt_json_member_number(j, "opened", p[side].opened);
        wt_json_member_number(j, "failed", p[side].failed);
        wt_json_close(j, '}');
    }
    wt_json_close(j, '}');
}

/* "ok", or the word, a colon and why. Programs read it: it is never translated. */
static void verdict(struct wt_json *j, const struct wt_proof_verdict *v)
{
    const char *word = wt_words_verdict(v);
    if (v->reason && v->result != WT_PROOF_OK)
        wt_json_text_joined(j, word, v->reason);
    else
        wt_json_word(j, word);
}

static void verified(struct wt_json *j, const struct wt_connection *c)
{
    bool any = false;
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++)
        any = any || wt_words_verdict(&c->proofs[i]);
    if (!any)
        return;
    wt_json_key(j, "verified");
    wt_json_open(j, '{');
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++) {
        if (!wt_words_verdict(&c->proofs[i]))
            continue;
        wt_json_key_word(j, wt_words_proof((enum wt_proof)i));
        verdict(j, &c->proofs[i]);
    }
    wt_json_close(j, '}');
}

static void moment(struct wt_json *j, const char *key, int64_t seconds)
{
    if (!seconds)
        return;
    wt_json_key_word(j, key);
    wt_json_date(j, seconds);
}

static void ocsp(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->ocsp.stapled)
        return;
    wt_json_key(j, "ocsp");
    wt_json_open(j, '{');
    wt_json_member_word(j, "status", wt_words_ocsp(&c->ocsp));
    moment(j, "this_update", c->ocsp.this_update);
    moment(j, "next_update", c->ocsp.next_update);
    moment(j, "revoked_at", c->ocsp.revoked_at);
    wt_json_key(j, "verified");
    verdict(j, &c->ocsp.verified);
    wt_json_close(j, '}');
}

static void scts(struct wt_json *j, const struct wt_scts *s)
{
    if (!s->certificate && !s->extension && !s->ocsp)
        return;
    wt_json_key(j, "scts");
    wt_json_open(j, '{');
    some(j, "certificate", s->certificate);
    some(j, "extension", s->extension);
    some(j, "ocsp", s->ocsp);
    if (s->judged) {
        wt_json_member_number(j, "verified", s->verified);
        wt_json_member_number(j, "bad", s->bad);
        wt_json_member_number(j, "unknown_log", s->unknown_log);
    }
    wt_json_close(j, '}');
}

static void delegated(struct wt_json *j, const struct wt_delegated *d)
{
    if (!d->present)
        return;
    wt_json_key(j, "delegated_credential");
    wt_json_open(j, '{');
    if (d->scheme) {
        wt_json_key(j, "signature_scheme");
        wt_json_name(j, WT_REG_SIGNATURE_SCHEME, d->scheme);
    }
    moment(j, "valid_until", d->valid_until);
    wt_json_key(j, "verified");
    verdict(j, &d->verified);
    wt_json_close(j, '}');
}

/* The chain as it was built, leaf to root. */
static void path(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->path_count || c->proofs[WT_PROOF_CHAIN].result != WT_PROOF_OK)
        return;
    wt_json_key(j, "chain");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->path_count; i++)
        wt_json_text(j, c->path[i]->subject);
    wt_json_close(j, ']');
}

void wt_json_trust(struct wt_json *j, const struct wt_connection *c)
{
    path(j, c);
    ocsp(j, c);
    scts(j, &c->scts);
    delegated(j, &c->delegated);
}

static void time_of(struct wt_json *j, const char *key, struct wt_time time)
{
    if (!time.ns)
        return;
    wt_json_key_word(j, key);
    wt_json_time(j, time);
}

static void request(struct wt_json *j, const struct wt_exchange *e)
{
    some(j, "request_frame", e->request_frame);
    time_of(j, "request_time", e->request_time);
    wt_json_member_wire(j, "method", e->method);
    wt_json_member_wire(j, "scheme", e->scheme);
    wt_json_member_wire(j, "authority", e->authority);
    wt_json_member_wire(j, "path", e->path);
    wt_json_member_number(j, "request_bytes", e->request_body);
}

static void response(struct wt_json *j, const struct wt_exchange *e)
{
    some(j, "interim", e->interim);
    if (!e->status)
        return;
    some(j, "response_frame", e->response_frame);
    time_of(j, "response_time", e->response_time);
    wt_json_member_number(j, "status", e->status);
    wt_json_member_wire(j, "reason", e->reason);
    wt_json_member_wire(j, "content_type", e->content_type);
    wt_json_member_wire(j, "content_encoding", e->content_encoding);
    wt_json_member_number(j, "response_bytes", e->response_body);
}

void wt_json_exchanges(struct wt_json *j, const struct wt_connection *c)
{
    if (c->exchange_count) {
        wt_json_key(j, "exchanges");
        wt_json_open(j, '[');
        for (size_t i = 0; i < c->exchange_count; i++) {
            const struct wt_exchange *e = &c->exchanges[i];
            wt_json_open(j, '{');
            wt_json_member_word(j, "version", wt_words_http_version(e));
            if (e->stream || e->version == 30)
                wt_json_member_number(j, "stream", e->stream);
            request(j, e);
            response(j, e);
            wt_json_member_flag(j, "pushed", e->pushed);
            wt_json_member_flag(j, "upgraded", e->upgraded);
            wt_json_member_flag(j, "reset", e->reset);
            wt_json_close(j, '}');
        }
        wt_json_close(j, ']');
    }
    some(j, "exchanges_dropped", c->exchanges_dropped);
}

static void part(struct wt_json *j, const struct wt_step_part *p)
{
    wt_json_open(j, '{');
    wt_json_member_text(j, "name", p->name);
    if (p->text)
        wt_json_member_wire(j, "text", p->bytes);
    wt_json_bytes(j, "bytes", p->bytes);
    wt_json_close(j, '}');
}

static void hashed(struct wt_json *j, const struct wt_told_step *told)
{
    if (!told->hashed_count)
        return;
    wt_json_key(j, "messages");
    wt_json_open(j, '[');
    for (size_t i = 0; i < told->hashed_count; i++)
        wt_json_name(j, WT_REG_HANDSHAKE_TYPE, told->hashed[i]);
    wt_json_close(j, ']');
}

static void steps(struct wt_json *j, const char *key, const struct wt_told_step *told, size_t n)
{
    if (!n)
        return;
    wt_json_key_word(j, key);
    wt_json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        const struct wt_step *s = &told[i].step;
        wt_json_open(j, '{');
        wt_json_member_text(j, "id", s->id);
        if (told[i].side <= WT_SERVER)
            wt_json_member_word(j, "side", wt_words_side(told[i].side));
        some(j, "record", told[i].record);
        some(j, "frame", told[i].frame);
        wt_json_member_text(j, "function", s->function);
        wt_json_member_text(j, "text", wt_step_text(s) ? _(wt_step_text(s)) : NULL);
        wt_json_member_text(j, "rfc", s->rfc);
        hashed(j, &told[i]);
        if (s->in_count) {
            wt_json_key(j, "in");
            wt_json_open(j, '[');
            for (size_t k = 0; k < s->in_count; k++)
                part(j, &s->in[k]);
            wt_json_close(j, ']');
        }
        wt_json_key(j, "out");
        part(j, &s->out);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

/* One line an entry, as they stand in the file. */
static void key_log(struct wt_json *j, const char *lines)
{
    if (!lines || !*lines)
        return;
    wt_json_key(j, "key_log");
    wt_json_open(j, '[');
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        if (n)
            wt_json_wire(j, wt_span_of(lines, n));
        lines += n + (lines[n] != 0);
    }
    wt_json_close(j, ']');
}

static void decrypted_and_verified(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_member_word(j, "decryption", wt_words_decryption(c));
    wt_json_member_text(j, "not_decrypted", c->not_decrypted);
    plaintext(j, c);
    records(j, c);
    verified(j, c);
}

/* Of connections to which there are no keys. Those with the same chain have the same reasons. */
static void only_verified(struct wt_json *j, const struct wt_connection *c)
{
    const char *texts[WT_PROOF_COUNT + 1];
    struct wt_json_memo_key known = {.of = WT_JSON_MEMO_PROOFS | (uint64_t)wt_text_is_neutral() << 8, .texts = texts};
    _Static_assert((int)WT_PROOF_COUNT < (int)WT_JSON_MEMO_TEXTS, "a byte of the key and a text for each proof");
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++) {
        const struct wt_proof_verdict *v = &c->proofs[i];
        known.more[0] |= (uint64_t)(v->result | (v->reason ? 0x80 : 0)) << (8 * i);
        if (v->reason)
            texts[known.count++] = v->reason;
    }
    known.more[1] = c->not_decrypted != NULL;
    if (c->not_decrypted)
        texts[known.count++] = c->not_decrypted;
    if (wt_json_memo_write(j, &known))
        return;
    const size_t start = wt_json_memo_begin(j);
    decrypted_and_verified(j, c);
    wt_json_memo_end(j, &known, start);
}

void wt_json_decryption(struct wt_json *j, const struct wt_connection *c)
{
    if (c->has_plaintext[WT_CLIENT] || c->has_plaintext[WT_SERVER] || has_records(c))
        decrypted_and_verified(j, c);
    else
        only_verified(j, c);
    wt_json_member_text(j, "application", c->application);
}

static bool is_computed(const struct wt_connection *c, const char *id)
{
    for (size_t i = 0; i < c->derivation_count; i++)
        if (c->derivation[i].step.id && strcmp(c->derivation[i].step.id, id) == 0)
            return true;
    return false;
}

/* Secrets from which those of a key log were made: RFC 8446, 7.1; RFC 5246, 8.1. No function leads back to them. */
static void not_derivable(struct wt_json *j, const struct wt_connection *c)
{
    static const char *const tls13[] = {"early_secret", "ecdhe_secret", "handshake_secret", "master_secret"},
                             *const tls12[] = {"premaster_secret"};
    const bool new = wt_version_is_tls13(c->version);
    const char *line = new ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET " : "CLIENT_RANDOM ",
               *at = c->key_log ? strstr(c->key_log, line) : NULL;
    const bool given = at && (at == c->key_log || at[-1] == '\n');
    if (!given || is_computed(c, new ? "handshake_secret" : "master_secret"))
        return;
    wt_json_key(j, "not_derivable");
    wt_json_open(j, '[');
    for (size_t i = 0; i < (new ? sizeof tls13 / sizeof *tls13 : 1); i++)
        wt_json_text(j, new ? tls13[i] : tls12[i]);
    wt_json_close(j, ']');
}

void wt_json_secrets(struct wt_json *j, const struct wt_connection *c)
{
    steps(j, "derivation", c->derivation, c->derivation_count);
    not_derivable(j, c);
    key_log(j, c->key_log);
    steps(j, "record_steps", c->record_steps, c->record_step_count);
}
