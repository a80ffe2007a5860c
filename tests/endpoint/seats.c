#include "seats.h"

#include "identities.h"

#include "base/buffer.h"
#include "endpoint/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The client's tap, the server's, and who looks on next to the client, and next to the server. */
enum { CLIENT_TAP, SERVER_TAP, CLIENT_WIRE, SERVER_WIRE, SEATS };

static const char *const names[SEATS] = {"the client's tap", "the server's tap", "the wire at the client",
                                         "the wire at the server"};

struct seat {
    struct wt_keys *keys;
    struct wt_observer *observer;
    /* of who looks on: read when all is over, as a capture and its key log are */
    struct wt_buffer passed, secrets;
    bool ended[2]; /* by side: it has closed */
    struct wt_buffer json;
    struct seats_verdict verdict;
    unsigned told;
};

struct tee {
    struct seats *s;
    unsigned side;
    const struct wt_endpoint *e; /* NULL: it was freed */
    struct wt_endpoint_tap mine;
    const struct wt_endpoint_tap *watch;
};

struct seats {
    struct seat seat[SEATS];
    struct tee tee[2];
    struct wt_address address[2];
    bool between; /* what came is not what was sent */
};

/* --- stories ------------------------------------------------------------------------------------------------------ */

static bool append(void *context, const char *bytes, size_t n)
{
    return wt_buffer_add(context, bytes, n);
}

static void keep(struct seats_verdict *v, const struct wt_connection *c)
{
    *v = (struct seats_verdict){.state = c->state,
                                .version = c->version,
                                .suite = c->has_suite ? c->cipher_suite : 0,
                                .group = c->group,
                                .scheme = c->signature_scheme,
                                .resumption = c->resumption,
                                .requested = c->client_certificate_requested,
                                .retried = c->retried,
                                .certificates = {c->certificate_count[0], c->certificate_count[1]}};
    (void)snprintf(v->alpn, sizeof v->alpn, "%.*s", (int)c->alpn.n, (const char *)c->alpn.p);
    (void)snprintf(v->sni, sizeof v->sni, "%.*s", (int)c->sni.n, (const char *)c->sni.p);
    for (size_t i = 0; i < c->alert_count; i++)
        if (c->alerts[i].readable && c->alerts[i].description != WT_ALERT_CLOSE_NOTIFY) {
            v->has_alert = true;
            v->alert = c->alerts[i].description;
            v->alert_from = c->alerts[i].from;
        }
    size_t n = 0;
    for (size_t i = 0; i < c->finding_count; i++) {
        const struct wt_finding *f = &c->findings[i];
        n += (size_t)snprintf(v->findings + n, sizeof v->findings - n, " %s", f->id);
        if (n >= sizeof v->findings)
            n = sizeof v->findings - 1;
        if (f->severity != WT_FATAL)
            continue;
        (void)snprintf(v->cause, sizeof v->cause, "%s", f->id);
        (void)snprintf(v->text, sizeof v->text, "%s", f->text);
        v->fault = f->fault;
        v->noticed = f->noticed;
        v->probable = f->probable;
    }
}

static void on_connection(void *context, const struct wt_connection *c)
{
    static const struct wt_json_options options = {.size = sizeof options, .messages = true};
    struct seat *seat = context;
    struct wt_output output = {append, &seat->json, false};
    seat->told++;
    wt_report_json_connection(&output, c, &options);
    assert_false(output.failed);
    keep(&seat->verdict, c);
}

/* --- who listens -------------------------------------------------------------------------------------------------- */

/* All at the same time: what is compared has no times in it. */
static struct wt_time now(void *context)
{
    (void)context;
    return (struct wt_time){(int64_t)TEST_NOW * 1000000000, 9};
}

static void seat_start(struct seat *seat, const struct wt_trust *trust)
{
    struct wt_error error;
    seat->keys = wt_keys_new(NULL, NULL);
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_connection,
                                                .context = seat,
                                                .keep_messages = true,
                                                .keys = seat->keys,
                                                .trust = trust,
                                                .verify = WT_VERIFY_ALL,
                                                .digest_plaintext = true,
                                                .read_application = true};
    seat->observer = wt_observer_new(&options, &error);
    assert_non_null(seat->observer);
}

static void seat_end(struct seat *seat)
{
    wt_observer_free(seat->observer);
    wt_keys_free(seat->keys);
    wt_buffer_free(&seat->json);
    wt_buffer_free(&seat->secrets);
    wt_buffer_free(&seat->passed);
}

/* Bytes that a side has sent; none: it has closed. */
struct passed {
    unsigned from;
    bool reset;
    size_t n;
};

static void pass(struct seat *seat, unsigned from, bool reset, struct wt_span bytes)
{
    const struct passed p = {from, reset, bytes.n};
    assert_true(wt_buffer_add(&seat->passed, &p, sizeof p) && wt_buffer_add(&seat->passed, bytes.p, bytes.n));
}

static void wire_end(struct seat *seat, unsigned from, bool reset)
{
    if (!seat->ended[from])
        pass(seat, from, reset, (struct wt_span){0});
    seat->ended[from] = true;
}

static void wire_read(const struct seats *s, struct seat *seat)
{
    struct wt_stream *stream = wt_observer_stream(seat->observer, &s->address[WT_CLIENT], &s->address[WT_SERVER]);
    struct wt_keys_log *log = wt_keys_log_open(seat->keys, "wire", false);
    struct passed p;
    assert_true(stream && log);
    wt_keys_log_feed(log, seat->secrets.p, seat->secrets.n);
    wt_keys_log_close(log);
    for (size_t at = 0; at < seat->passed.n; at += sizeof p + p.n) {
        memcpy(&p, seat->passed.p + at, sizeof p);
        if (p.n)
            wt_stream_bytes(stream, (enum wt_side)p.from, now(NULL), seat->passed.p + at + sizeof p, p.n);
        else
            wt_stream_end(stream, (enum wt_side)p.from, now(NULL), p.reset);
    }
    wt_stream_close(stream, now(NULL), false);
}

static void on_bytes(void *context, bool sent, struct wt_span bytes)
{
    const struct tee *t = context;
    t->watch->bytes(t->watch->context, sent, bytes);
}

static void on_secret(void *context, const uint8_t random[32], const char *line)
{
    const struct tee *t = context;
    struct seat *wire = &t->s->seat[CLIENT_WIRE + t->side];
    assert_true(wt_buffer_add_text(&wire->secrets, line) && wt_buffer_add_char(&wire->secrets, '\n'));
    t->watch->secret(t->watch->context, random, line);
}

static void on_end(void *context, enum wt_tap_end how)
{
    struct tee *t = context;
    unsigned from = how == WT_TAP_GONE ? t->side : !t->side;
    if (how == WT_TAP_GONE)
        t->e = NULL;
    for (unsigned i = CLIENT_WIRE; i <= SERVER_WIRE; i++)
        wire_end(&t->s->seat[i], from, how == WT_TAP_BROKEN);
    t->watch->end(t->watch->context, how);
}

struct seats *seats_start(struct wt_endpoint *const e[2], const struct wt_trust *trust)
{
    struct seats *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (unsigned side = 0; side < 2; side++)
        s->address[side] = (struct wt_address){{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, (uint8_t)(side + 1)},
                                               side == WT_SERVER ? 443 : 50000};
    for (unsigned i = 0; i < SEATS; i++)
        seat_start(&s->seat[i], trust);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_watch_options options = {.size = sizeof options,
                                                 .observer = s->seat[side].observer,
                                                 .keys = s->seat[side].keys,
                                                 .client = s->address[WT_CLIENT],
                                                 .server = s->address[WT_SERVER],
                                                 .clock = now};
        assert_true(wt_endpoint_watch(e[side], &options));
        s->tee[side] = (struct tee){.s = s, .side = side, .e = e[side], .watch = e[side]->tap};
        s->tee[side].mine = (struct wt_endpoint_tap){on_bytes, on_secret, on_end, &s->tee[side]};
        wt_endpoint_tap(e[side], &s->tee[side].mine);
    }
    return s;
}

void seats_wire(struct seats *s, unsigned from, struct wt_span sent, struct wt_span came)
{
    struct seat *near = &s->seat[CLIENT_WIRE + from], *far = &s->seat[CLIENT_WIRE + !from];
    if (sent.n)
        pass(near, from, false, sent);
    if (came.n)
        pass(far, from, false, came);
    s->between |= !wt_span_equal(sent, came);
}

/* --- what they say ------------------------------------------------------------------------------------------------ */

static void show(const struct seat *seat, size_t at)
{
    size_t from = at > 400 ? at - 400 : 0;
    print_error("…%.*s⟪HERE⟫%.*s\n", (int)(at - from), (const char *)seat->json.p + from,
                (int)(seat->json.n - at > 400 ? 400 : seat->json.n - at), (const char *)seat->json.p + at);
}

static bool is_same(const struct seats *s, unsigned a, unsigned b)
{
    const struct seat *x = &s->seat[a], *y = &s->seat[b];
    if (x->told == y->told && wt_span_equal(wt_buffer_span(&x->json), wt_buffer_span(&y->json)))
        return true;
    size_t at = 0;
    while (at < x->json.n && at < y->json.n && x->json.p[at] == y->json.p[at])
        at++;
    print_error("%s (%u connections) and %s (%u connections) report differently:\n", names[a], x->told, names[b],
                y->told);
    show(x, at);
    show(y, at);
    return false;
}

/* What one side believes, against the verdict of its seat. */
static bool agrees(const struct seats *s, unsigned side, const struct wt_endpoint_info *info)
{
    const struct seats_verdict *v = &s->seat[side].verdict;
    bool ok = true;
#define EXPECT(what, x, y)                                                                                             \
    do {                                                                                                               \
        unsigned long x_ = (unsigned long)(x), y_ = (unsigned long)(y);                                                \
        if (x_ != y_) {                                                                                                \
            print_error("%s: endpoint 0x%lx, observer 0x%lx (%s)\n", what, x_, y_, names[side]);                       \
            ok = false;                                                                                                \
        }                                                                                                              \
    } while (0)
    /* what it has refused, and what comes after an alert, it has not taken */
    const bool refused = info->has_alert;
    const bool unsaid = side == WT_SERVER && !info->established; /* chosen, and not sent */
    if ((v->version || !unsaid) && (info->version || !refused))
        EXPECT("version", info->version, v->version);
    if ((v->suite || !unsaid) && (info->suite || !refused))
        EXPECT("suite", info->suite, v->suite);
    if ((v->group || !unsaid) && (info->group || !refused))
        EXPECT("group", info->group, v->group);
    EXPECT("retried", info->retried, v->retried);
    EXPECT("requested", info->requested, v->requested);
    if (side == WT_CLIENT && (info->scheme || !refused))
        EXPECT("scheme", info->scheme, v->scheme);
    if (!refused)
        EXPECT("certificates", info->certificate_count, v->certificates[!side]);
    EXPECT("alpn",
           info->alpn.n == strlen(v->alpn) &&
               !memcmp(info->alpn.p ? info->alpn.p : (const uint8_t *)"", v->alpn, info->alpn.n),
           true);
    if (side == WT_SERVER)
        EXPECT("name",
               info->host.n == strlen(v->sni) &&
                   !memcmp(info->host.p ? info->host.p : (const uint8_t *)"", v->sni, info->host.n),
               true);
    EXPECT("has_alert", info->has_alert, v->has_alert);
    if (info->has_alert && v->has_alert) {
        EXPECT("alert", info->alert, v->alert);
        EXPECT("alert_from", info->alert_sent ? side : !side, v->alert_from);
    }
#undef EXPECT
    return ok;
}

/* The endpoint is closer to what came, and its id says so: of these an observer's root cause is malformed-message, with
 * the id beside it as an error, or in the sentence. */
static bool is_form(const char *id)
{
    static const char *const ids[] = {"unexpected-message", "handshake-step-skipped", "message-too-long",
                                      "record-boundary-lost"};
    bool is = false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        is |= !strcmp(ids[i], id);
    return is;
}

/* A limit of its own, a reason of its program's, or what a server does not have: nobody sees that. An observer may
 * guess, and says so, says who refused and no more, or leaves it at the alert where the handshake was over. */
static bool is_own(const char *why)
{
    return !strncmp(why, "rejected-by-", 12) || !strncmp(why, "no-shared-", 10) || !strcmp(why, "message-too-long");
}

/* Why an endpoint says that it ended, against the root cause that is observed at its end. */
static bool same_cause(const struct seats *s, unsigned side, const char *why)
{
    const struct seats_verdict *v = &s->seat[side].verdict;
    if (!s->seat[side].told || !*why || !strcmp(why, "truncated-close") || !strcmp(why, v->cause) ||
        (is_form(why) && !strcmp(v->cause, "malformed-message")) ||
        (is_own(why) &&
         (v->probable || !strncmp(v->cause, "rejected-by-", 12) || (!*v->cause && v->state == WT_ESTABLISHED))))
        return true;
    print_error("%s: %s, observed: %s%s\n", names[side], why, v->probable ? "probably " : "", v->cause);
    return false;
}

/* A side that stopped early has not all secrets that the other one has. */
static bool same_secrets(const struct seats *s)
{
    const struct wt_buffer *a = &s->seat[CLIENT_WIRE].secrets, *b = &s->seat[SERVER_WIRE].secrets;
    if (a->n != b->n)
        return false;
    for (size_t at = 0, n; at < a->n; at += n + 1) {
        n = (size_t)((const char *)memchr(a->p + at, '\n', a->n - at) - (const char *)(a->p + at));
        if (!memmem(b->p, b->n, a->p + at, n))
            return false;
    }
    return true;
}

static bool failed(struct wt_endpoint *e)
{
    return e && (e->failure.id || wt_endpoint_wants(e) == WT_ENDED);
}

/* Who closes first: whose close the other has seen already; who has sent an alert, or is done; the client. */
static unsigned first_of(struct wt_endpoint *const e[2])
{
    for (unsigned side = 0; side < 2; side++)
        if (e[!side]->closed)
            return side;
    for (unsigned side = 0; side < 2; side++)
        if (e[side]->failure.sent)
            return side;
    return !failed(e[WT_CLIENT]) && failed(e[WT_SERVER]) ? WT_SERVER : WT_CLIENT;
}

static void copy_why(struct wt_endpoint *e, char *id, size_t n)
{
    const struct wt_finding *why = wt_endpoint_why(e);
    (void)snprintf(id, n, "%s", why ? why->id : "");
}

static void free_all(struct seats *s)
{
    for (unsigned i = 0; i < SEATS; i++)
        seat_end(&s->seat[i]);
    free(s);
}

/* What one side believes, as long as it lives. */
struct belief {
    struct wt_endpoint_info info;
    char host[256], alpn[256];
};

static void believe(struct wt_endpoint *e, struct belief *b)
{
    wt_endpoint_info(e, &b->info);
    assert_true(b->info.host.n < sizeof b->host && b->info.alpn.n < sizeof b->alpn);
    if (b->info.host.n)
        memcpy(b->host, b->info.host.p, b->info.host.n);
    if (b->info.alpn.n)
        memcpy(b->alpn, b->info.alpn.p, b->info.alpn.n);
    b->info.host.p = (const uint8_t *)b->host;
    b->info.alpn.p = (const uint8_t *)b->alpn;
}

/* All three report the same: as far as they have seen the same. */
static bool compare(const struct seats *s)
{
    bool ok = is_same(s, CLIENT_TAP, CLIENT_WIRE);
    ok &= is_same(s, SERVER_TAP, SERVER_WIRE);
    if (!s->between && same_secrets(s))
        ok &= is_same(s, CLIENT_TAP, SERVER_TAP);
    return ok;
}

static void print(const struct seats *s, const struct seats_result *r)
{
    for (unsigned side = 0; side < 2 && getenv("SEATS"); side++)
        print_message("%s: %s: %s\n  observed: %s%s: %s\n  %s\n", names[side], r->why[side], r->text[side],
                      r->verdict[side].probable ? "probably " : "", r->verdict[side].cause, r->verdict[side].text,
                      r->verdict[side].findings);
    if (getenv("SEATS_JSON"))
        print_message("%.*s\n", (int)s->seat[0].json.n, (const char *)s->seat[0].json.p);
}

void seats_end(struct seats *s, struct wt_endpoint *e[2], struct seats_result *result)
{
    struct belief belief[2];
    if (!e[0] || !e[1] || s->tee[0].e != e[0] || s->tee[1].e != e[1]) {
        /* the test has put others in their place */
        for (unsigned side = 0; side < 2; side++) {
            wt_endpoint_free(e[side]);
            e[side] = NULL;
        }
        assert_true(!s->tee[0].e && !s->tee[1].e);
        free_all(s);
        return;
    }
    struct seats_result r;
    const unsigned first = first_of(e);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_finding *why = wt_endpoint_why(e[side]);
        copy_why(e[side], r.why[side], sizeof r.why[side]);
        (void)snprintf(r.text[side], sizeof r.text[side], "%s", why ? why->text : "");
        believe(e[side], &belief[side]);
    }
    wt_endpoint_free(e[first]);
    wt_endpoint_closed(e[!first], true);
    copy_why(e[!first], r.end, sizeof r.end);
    wt_endpoint_free(e[!first]);
    e[0] = e[1] = NULL;
    for (unsigned i = CLIENT_WIRE; i <= SERVER_WIRE; i++)
        wire_read(s, &s->seat[i]);
    for (unsigned i = 0; i < SEATS; i++)
        wt_observer_finish(s->seat[i].observer);
    bool ok = compare(s);
    for (unsigned side = 0; side < 2; side++) {
        r.verdict[side] = s->seat[side].verdict;
        if (s->seat[side].told)
            ok &= agrees(s, side, &belief[side].info);
    }
    /* RFC 8446, 6.1: whether the data were all there is told by the close_notify alone */
    if (s->seat[!first].told && !*r.why[!first] &&
        !strcmp(r.end, "truncated-close") != !!strstr(s->seat[!first].verdict.findings, "truncated-close")) {
        print_error("endpoint: %s, observer: %s\n", r.end, s->seat[!first].verdict.findings);
        ok = false;
    }
    for (unsigned side = 0; side < 2 && !s->between; side++)
        ok &= same_cause(s, side, *r.why[side] || side == first ? r.why[side] : r.end);
    print(s, &r);
    free_all(s);
    if (result)
        *result = r;
    assert_true(ok);
}
