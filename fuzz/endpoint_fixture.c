#include "endpoint_fixture.h"

#include "endpoint/party.h"
#include "registry/limits.h"

#include <string.h>

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static uint64_t state[2]; /* by side */

static bool next_bytes(void *context, uint8_t *out, size_t n)
{
    uint64_t *s = context;
    for (size_t i = 0; i < n; i++) {
        *s = *s * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*s >> 56);
    }
    return true;
}

/* --- parties ------------------------------------------------------------------------------------------------------ */

enum {
    ONLY_12 = 1,
    ONLY_13 = 2,
    REQUEST = 4,
    PROTOCOLS = 8,
    RETRY = 16,
    ANY_CERTIFICATE = 32,
    BASIC = 64,
};

struct fuzz_choice fuzz_choice_of(uint8_t basic, const uint8_t *more)
{
    struct fuzz_choice c = {.basic = basic & (BASIC - 1)};
    if (more) {
        c.basic |= FUZZ_MORE;
        c.more = (uint32_t)(more[0] | more[1] << 8 | more[2] << 16);
        c.sizes = more[3];
        c.answers = more[4];
    }
    return c;
}

static void keep_line(void *context, const char *line)
{
    (void)context;
    hold(strlen(line) < 512, "a line of the key log");
}

static void add_versions(struct wt_endpoint_options *o, unsigned side, uint8_t basic)
{
    static const char *const protocols[] = {"h2", "http/1.1"};
    static const uint16_t groups[2][2] = {{0x001d, 0x0017}, {0x0017, 0x001d}};
    const bool retry = side == WT_SERVER && basic & RETRY;
    o->max_version = basic & ONLY_12 ? 0x0303 : 0;
    o->min_version = (basic & (ONLY_12 | ONLY_13)) == ONLY_13 ? 0x0304 : 0;
    o->request = (uint8_t)(basic & REQUEST ? WT_REQUEST_OPTIONAL : WT_REQUEST_NONE);
    o->alpn = protocols;
    o->alpn_count = basic & PROTOCOLS ? 2 : 0;
    o->groups = groups[retry];
    o->group_count = retry ? 1 : 2;
    o->without_verification = basic & ANY_CERTIFICATE;
}

static void add_lists(struct wt_endpoint_options *o, uint32_t more)
{
    static const uint16_t cbc[] = {0x1303, 0xc023, 0xc009, 0xc027}, dhe[] = {0x1302, 0x009e, 0x0067, 0xc02f};
    static const uint16_t shares[] = {0x0017, 0x001d, 0x0018, 0x0100}, schemes[] = {0x0807, 0x0804, 0x0401, 0x0403};
    static const uint16_t own[] = {0x0401, 0x0804, 0x0807};
    static const struct wt_span authorities[] = {
        {(const uint8_t *)"\x30\x14\x31\x12\x30\x10\x06\x03\x55\x04\x03\x0c\x09"
                          "fuzz root",
         22}};
    if (more & (FUZZ_CBC | FUZZ_RSA)) {
        o->suites = more & FUZZ_CBC ? cbc : dhe;
        o->suite_count = 4;
    }
    if (more & FUZZ_RSA) {
        o->own_schemes = own; /* PKCS #1 first, whose signatures are always the same */
        o->own_scheme_count = 3;
    }
    if (more & FUZZ_NAMES) {
        o->groups = shares;
        o->group_count = 4;
        o->key_shares = 3;
        o->certificate_schemes = schemes;
        o->certificate_scheme_count = 4;
        o->authorities = authorities;
        o->authority_count = 1;
    }
}

static void add_sizes(struct wt_endpoint_options *o, uint8_t sizes)
{
    o->record_size_limit = sizes & 1 ? (uint16_t)(64 + sizes) : 0;
    o->max_fragment_length = sizes & 2 ? (uint16_t)(512u << (sizes >> 6)) : 0;
    o->record_size = sizes & 4 ? (uint16_t)(64 + sizes) : 0;
    o->padding = sizes & 8 ? (uint16_t)(sizes >> 4) * 16 : 0;
}

/* Of each side: the server has the second in its list, and its program the first. */
static const struct wt_external_psk psks[2][2] = {
    {{{(const uint8_t *)"one", 3}, {(const uint8_t *)"the key that is the first one of", 32}, false, WT_CLIENT},
     {{(const uint8_t *)"two", 3}, {(const uint8_t *)"all, and the second one of them.", 32}, true, WT_CLIENT}},
    {{{(const uint8_t *)"one", 3}, {(const uint8_t *)"the key that is the first one of", 32}, false, WT_SERVER},
     {{(const uint8_t *)"two", 3}, {(const uint8_t *)"all, and the second one of them.", 32}, true, WT_SERVER}}};

static struct wt_span ticket_key_of(uint32_t more)
{
    static const uint8_t key[32] = {1};
    return (struct wt_span){key, more & FUZZ_SESSION ? sizeof key : 0};
}

static void add_keys(struct wt_endpoint_options *o, unsigned side, uint32_t more)
{
    o->psks = &psks[side][side == WT_SERVER];
    o->psk_count = !(more & FUZZ_PSK) ? 0 : side == WT_SERVER ? 1 : 2;
    o->psk_ke = more & FUZZ_PSK_KE;
    o->early_data = more & FUZZ_EARLY ? 100 : 0;
    o->early_data_again = true;
    o->ticket_key = ticket_key_of(more);
    o->without_resumption = more & FUZZ_ONCE;
    if (side == WT_SERVER && more & FUZZ_PSK_ALONE && more & (FUZZ_PSK | FUZZ_ASK_PSK)) {
        o->identity_count = 0;
        o->hides_psks = true;
    }
}

static void add_more(struct wt_endpoint_options *o, unsigned side, struct fuzz_choice c)
{
    const uint32_t more = c.more;
    o->asks = (uint16_t)((more & FUZZ_ASK_PSK ? WT_ASK_PSK : 0) |
                         (more & FUZZ_ASKS ? WT_ASK_IDENTITY | WT_ASK_VERDICT | WT_ASK_ALPN | WT_ASK_RESUMED : 0));
    o->post_handshake_auth = o->renegotiation = more & FUZZ_LATER;
    o->grease = more & FUZZ_GREASE;
    o->fallback = more & FUZZ_FALLBACK;
    o->cookie = more & FUZZ_COOKIE;
    o->inflates = more & FUZZ_INFLATES;
    o->without_compatibility = more & FUZZ_FLAT;
    o->without_encrypt_then_mac = more & FUZZ_FLAT;
    o->keylog = more & FUZZ_WATCHED ? keep_line : NULL;
    if (more & FUZZ_REQUIRED) {
        o->request = (uint8_t)(o->request ? WT_REQUEST_REQUIRED : WT_REQUEST_NONE);
        o->alpn_required = o->alpn_count;
        o->staple_required = more & FUZZ_STAPLE;
    }
    if (more & FUZZ_RECORDS)
        add_sizes(o, c.sizes);
    add_lists(o, more);
    add_keys(o, side, more);
}

static struct wt_party *make(unsigned side, struct fuzz_choice c)
{
    struct wt_error error;
    struct wt_endpoint_options o = {
        .size = sizeof o,
        .host = "www.example.com",
        .trust = fuzz_trust(),
        .identities = fuzz_identities(c.more),
        .identity_count = 1,
        .without_resumption = side == WT_CLIENT, /* or one run would depend on those before it */
        .random = next_bytes,
        .context = &state[side],
    };
    add_versions(&o, side, c.basic);
    if (c.basic & FUZZ_MORE)
        add_more(&o, side, c);
    struct wt_party *party = side == WT_CLIENT ? wt_client_new(&o, &error) : wt_server_new(&o, &error);
    hold(party, "a party");
    return party;
}

/* As it was when it was made, with the same numbers drawn. */
static void reset(struct wt_party *p, struct wt_span shared)
{
    wt_client_sessions_clear(&p->sessions);
    wt_server_sessions_clear(&p->ids);
    free(p->strikes.slots);
    p->strikes = (struct wt_strikes){0};
    wt_tickets_end(&p->tickets);
    hold(wt_tickets_start(&p->tickets, p->crypto, &p->random, p->o.ticket_lifetime, shared) &&
             (!p->o.cookie || wt_tickets_key(&p->tickets, "wiretale cookie key", p->cookie_key)),
         "a party as it was");
}

/* Making one takes as long as some handshakes: those that were used last are kept. */
static struct wt_party *kept(unsigned side, struct fuzz_choice c)
{
    enum { KEPT = 128 };
    static struct kept {
        struct wt_party *party;
        struct fuzz_choice c;
    } all[2][KEPT];
    const uint32_t slot = (c.more * 2654435761u ^ c.basic * 40503u ^ c.sizes * 97u) >> 3;
    struct kept *k = &all[side][slot % KEPT];
    c.answers = 0; /* the program's */
    if (k->party && k->c.basic == c.basic && k->c.more == c.more && k->c.sizes == c.sizes) {
        reset(k->party, ticket_key_of(c.more));
        return k->party;
    }
    wt_party_free(k->party);
    *k = (struct kept){make(side, c), c};
    return k->party;
}

struct wt_party *fuzz_party(unsigned side, struct fuzz_choice c)
{
    static struct wt_party *parties[2][BASIC];
    struct wt_party **at = &parties[side][c.basic & (BASIC - 1)];
    state[side] = side + 1;
    if (c.basic & FUZZ_MORE)
        return kept(side, c);
    if (!*at)
        *at = make(side, c);
    state[side] = side + 1;
    return *at;
}

/* --- connections -------------------------------------------------------------------------------------------------- */

static void hand_on(struct wt_endpoint *from, struct wt_endpoint *to)
{
    const struct wt_span out = wt_endpoint_outgoing(from);
    for (size_t at = 0, taken = 1; at < out.n && taken; at += taken)
        taken = wt_endpoint_receive(to, out.p + at, out.n - at);
    wt_endpoint_sent(from, out.n);
}

/* Of a handshake long before, in which nothing was asked. */
static size_t make_session(struct fuzz_choice c, uint8_t *out, size_t room)
{
    const uint32_t kept = FUZZ_EARLY | FUZZ_CBC | FUZZ_SESSION | FUZZ_RSA;
    const struct fuzz_choice plain = {.basic = (uint8_t)((c.basic & ~REQUEST) | FUZZ_MORE), .more = c.more & kept};
    struct wt_party *party[2];
    struct wt_endpoint *e[2];
    for (unsigned side = 0; side < 2; side++) {
        state[side] = side + 1;
        party[side] = make(side, plain);
        e[side] = side == WT_CLIENT ? wt_client_connect(party[side], NULL, FUZZ_NOW_MS - 1000)
                                    : wt_server_accept(party[side], FUZZ_NOW_MS - 1000);
        hold(e[side], "an endpoint");
    }
    for (unsigned i = 0; i < 12; i++)
        hand_on(e[i & 1], e[!(i & 1)]);
    const size_t n = wt_endpoint_session(e[WT_CLIENT], out, room);
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_free(e[side]);
        wt_party_free(party[side]);
    }
    return n;
}

/* One of each kind is kept. */
static struct wt_span session_of(struct fuzz_choice c)
{
    static struct kept {
        uint8_t bytes[10240];
        size_t n;
        bool made;
    } kept[BASIC][2][2][2];
    struct kept *k =
        &kept[c.basic & (BASIC - 1)][!!(c.more & FUZZ_EARLY)][!!(c.more & FUZZ_CBC)][!!(c.more & FUZZ_RSA)];
    const uint64_t state_was[2] = {state[0], state[1]};
    if (!k->made)
        k->n = make_session(c, k->bytes, sizeof k->bytes);
    k->made = true;
    memcpy(state, state_was, sizeof state);
    return (struct wt_span){k->bytes, k->n};
}

struct wt_endpoint *fuzz_endpoint(struct wt_party *party, unsigned side, struct fuzz_choice c)
{
    struct wt_span session = {0};
    if (c.more & FUZZ_SESSION) {
        if (side == WT_CLIENT)
            session = session_of(c);
        else /* who has just started takes no early data (RFC 8446, 8.2) */
            wt_endpoint_free(wt_server_accept(party, FUZZ_NOW_MS - 60000));
    }
    struct wt_endpoint *e = side == WT_CLIENT ? wt_client_connect_to(party, NULL, 0, FUZZ_NOW_MS, session)
                                              : wt_server_accept(party, FUZZ_NOW_MS);
    hold(e, "an endpoint");
    return e;
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

enum { WELL, NONE, OTHER, ABORT };

/* A server's question has the identity, a client's (TLS 1.2) the server's hint. */
static bool answer_psk(struct wt_endpoint *e, const struct wt_event *event, unsigned how)
{
    const unsigned side = wt_endpoint_side(e);
    struct wt_external_psk psk = psks[side][how == OTHER];
    hold(event->psk.n <= WT_LIMIT_PSK_IDENTITY, "a question for no PSK");
    if (side == WT_SERVER)
        psk.identity = (struct wt_span){0};
    return wt_endpoint_answer_psk(e, how == NONE ? NULL : &psk);
}

static bool answer(struct wt_endpoint *e, struct fuzz_choice c, const struct wt_event *event)
{
    const unsigned how = c.answers >> 1 & 3;
    uint8_t signature[1024];
    if (how == ABORT)
        return wt_endpoint_abort(e, 80);
    switch (event->ask) {
    case WT_ASK_IDENTITY:
        hold(wt_endpoint_answer_identity(e, how == NONE ? NULL : fuzz_identities(c.more)[0]), "an identity");
        break;
    case WT_ASK_SIGNATURE: {
        const size_t n = how == NONE ? 0 : fuzz_sign(c.more, event, signature);
        hold(wt_endpoint_answer_signature(e, signature, how == OTHER ? 1 : n), "a signature");
        break;
    }
    case WT_ASK_VERDICT:
        hold(wt_endpoint_answer_verdict(e, how != NONE), "a verdict");
        break;
    case WT_ASK_ALPN:
        if (how == NONE || !wt_endpoint_answer_alpn(e, "h2"))
            hold(wt_endpoint_answer_alpn(e, NULL), "a protocol");
        break;
    case WT_ASK_RESUMED:
        hold(wt_endpoint_answer_resumed(e, how != NONE), "a session");
        break;
    default:
        hold(answer_psk(e, event, how), "a PSK");
        break;
    }
    return true;
}

bool fuzz_answer(struct wt_endpoint *e, struct fuzz_choice c)
{
    struct wt_event event;
    if (!(wt_endpoint_wants(e) & WT_ASKS))
        return false;
    do
        hold(wt_endpoint_next_event(e, &event), "a question that is not told");
    while (event.kind != WT_EVENT_ASK);
    return answer(e, c, &event);
}

/* --- what holds --------------------------------------------------------------------------------------------------- */

void fuzz_check(struct wt_endpoint *e)
{
    unsigned wants = wt_endpoint_wants(e);
    struct wt_endpoint_info info;
    const struct wt_finding *why = wt_endpoint_why(e);
    wt_endpoint_info(e, &info);
    if (wants & WT_ENDED)
        hold(wants == WT_ENDED, "an endpoint that has ended wants something");
    hold(!(wants & WT_HAS_DATA) == !wt_endpoint_data(e).n, "data and the bit that says so");
    hold(!(wants & WT_HAS_BYTES) == !wt_endpoint_outgoing(e).n, "bytes and the bit that says so");
    hold(!(wants & WT_HAS_DATA) || info.established || info.early_data_accepted, "data before the handshake's end");
    hold(!info.verified || info.certificate_count || info.resumed, "verified without certificates");
    hold(!info.psk.n || !info.verified, "verified by a PSK");
    hold(!(wants & WT_ASKS) || !(wants & WT_WANTS_BYTES), "reads on while a question is open");
    if (why)
        hold(why->id && why->text && strlen(why->text) < 4096, "a reason without a sentence");
}

bool fuzz_drain(struct wt_endpoint *e, struct fuzz_choice c)
{
    struct wt_span out = wt_endpoint_outgoing(e), data = wt_endpoint_data(e);
    struct wt_event event;
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < out.n; i++)
        sum = (uint8_t)(sum + out.p[i]);
    wt_endpoint_sent(e, out.n);
    for (size_t i = 0; i < data.n; i++)
        sum = (uint8_t)(sum + data.p[i]);
    wt_endpoint_taken(e, data.n);
    bool any = out.n || data.n;
    while (wt_endpoint_next_event(e, &event))
        any |= event.kind == WT_EVENT_ASK && answer(e, c, &event);
    fuzz_check(e);
    return any;
}

static void count_bytes(void *context, bool sent, struct wt_span bytes)
{
    *(size_t *)context += bytes.n + sent;
}

static void see_secret(void *context, const uint8_t random[32], const char *line)
{
    *(size_t *)context += strlen(line) + random[31];
}

void fuzz_watch(struct wt_endpoint *e, struct fuzz_choice c)
{
    static size_t count;
    static const struct wt_endpoint_tap tap = {.bytes = count_bytes, .secret = see_secret, .context = &count};
    if (c.more & FUZZ_WATCHED)
        wt_endpoint_tap(e, &tap);
}

void fuzz_seat(unsigned side, const uint8_t *data, size_t size)
{
    const bool more = size >= 2 && data[0] & FUZZ_MORE;
    const size_t head = more ? 2 + FUZZ_MORE_BYTES : 2;
    if (size < head)
        return;
    const struct fuzz_choice c = fuzz_choice_of(data[0], more ? data + 2 : NULL);
    const size_t piece = data[1] ? data[1] : SIZE_MAX;
    struct wt_party *party = fuzz_party(side, c);
    struct wt_endpoint *e = fuzz_endpoint(party, side, c);
    fuzz_watch(e, c);
    (void)wt_endpoint_write(e, "hello", 5);
    (void)fuzz_drain(e, c);
    for (size_t at = head; at < size;) {
        size_t n = size - at < piece ? size - at : piece, taken = wt_endpoint_receive(e, data + at, n);
        at += taken;
        if (!fuzz_drain(e, c) && !taken)
            break;
    }
    wt_endpoint_closed(e, size & 1);
    while (fuzz_drain(e, c))
        ;
    hold(wt_endpoint_wants(e) == WT_ENDED, "it goes on without its transport");
    wt_endpoint_free(e);
}
