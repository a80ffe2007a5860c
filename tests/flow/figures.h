/* The orders that the RFCs' figures allow, written down from them alone: nothing here knows the flow table.
 *
 * A figure is a list of lines, as RFC 5246, 7.3, RFC 5077, 3.1 and RFC 8446, 2 draw them: who sends what, and whether
 * it is there always, by choice or never, given what the hellos agreed and what has been sent. */
#ifndef WT_TESTS_FLOW_FIGURES_H
#define WT_TESTS_FLOW_FIGURES_H

#include "flow/flow.h"

enum how { NEVER, MAY, MUST };
enum { C, S };

/* What a ClientHello offers, and what a ServerHello (TLS 1.3: and EncryptedExtensions, CertificateRequest) agrees. */
struct offer {
    bool early, post_auth, inflates, dtls;
};

struct agreed {
    bool tls13;
    enum how certificate, keys; /* of the server; MAY: a key exchange that is not known */
    /* up to TLS 1.2 */
    enum how resumes; /* MUST: the ServerHello has the client's session_id; MAY: a ticket alone was offered */
    bool status, ticket, url, supplemental, next_protocol, channel_id;
    bool omits; /* before TLS 1.2: a requested Certificate may be left out */
    /* TLS 1.3 */
    bool psk, early, settings, inflates;
};

/* The client's Certificate: EMPTY, with a key that SIGNS, or one that perhaps does (fixed Diffie-Hellman). */
enum kind { NONE, EMPTY, SIGNS, PERHAPS };

enum phase { HELLOS, LEGACY, TLS13 };

/* How far a connection has come. */
struct place {
    uint8_t phase;
    bool hello, retried, verified, again; /* HELLOS: a ClientHello is unanswered; what came before; a renegotiation */
    int8_t full, brief;                   /* lines of the two figures of TLS 1.2 that are over; -1: ruled out */
    int8_t server, client;                /* of TLS 1.3's */
    bool server_certificate, requested;
    uint8_t kind;   /* enum kind */
    bool answers;   /* amid an answer to a request after the handshake */
    uint8_t open;   /* such requests that are not answered */
    uint8_t agreed; /* index of the ServerHello's agreement */
};

struct line {
    uint8_t side;
    uint16_t message;
    enum how (*how)(const struct agreed *a, const struct place *p);
};

#define HOW(name, expression)                                                                                          \
    static enum how name(const struct agreed *a, const struct place *p)                                                \
    {                                                                                                                  \
        (void)a;                                                                                                       \
        (void)p;                                                                                                       \
        return expression;                                                                                             \
    }
HOW(always, MUST)
HOW(if_supplemental, a->supplemental ? MAY : NEVER)                           /* RFC 4680, 3 */
HOW(if_certificate, a->certificate)                                           /* RFC 5246, 7.4.2 */
HOW(if_status, a->status && p->server_certificate ? MAY : NEVER)              /* RFC 6066, 8 */
HOW(if_keys, a->keys)                                                         /* RFC 5246, 7.4.3 */
HOW(if_not_anonymous, p->server_certificate ? MAY : NEVER)                    /* RFC 5246, 7.4.4 */
HOW(if_requested, !p->requested ? NEVER : a->omits && !a->tls13 ? MAY : MUST) /* RFC 5246, 7.4.6; RFC 8446, 4.4.2 */
HOW(if_signs, p->kind == SIGNS ? MUST : p->kind == PERHAPS ? MAY : NEVER)     /* RFC 5246, 7.4.8; RFC 8446, 4.4.3 */
HOW(if_next_protocol, a->next_protocol ? MUST : NEVER)                        /* draft-agl-tls-nextprotoneg-04 */
HOW(if_channel_id, a->channel_id ? MUST : NEVER)                              /* draft-balfanz-tls-channelid-01 */
HOW(if_ticket, a->ticket ? MUST : NEVER)                                      /* RFC 5077, 3.3 */
HOW(if_authenticates, a->certificate == MUST ? MAY : NEVER)                   /* RFC 8446, 4.3.2 */
HOW(if_early, a->early && !p->retried ? MUST : NEVER)                         /* RFC 8446, 4.5 */
HOW(if_settings, a->settings ? MUST : NEVER)                                  /* draft-vvv-tls-alps-01, 4 */
#undef HOW

/* RFC 5246, figure 1, after the hellos; RFC 5077, figure 1; RFC 4680, figure 1. */
static const struct line full_handshake[] = {
    {S, WT_HANDSHAKE_SUPPLEMENTAL_DATA, if_supplemental},
    {S, WT_HANDSHAKE_CERTIFICATE, if_certificate},
    {S, WT_HANDSHAKE_CERTIFICATE_STATUS, if_status},
    {S, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, if_keys},
    {S, WT_HANDSHAKE_CERTIFICATE_REQUEST, if_not_anonymous},
    {S, WT_HANDSHAKE_SERVER_HELLO_DONE, always},
    {C, WT_HANDSHAKE_SUPPLEMENTAL_DATA, if_supplemental},
    {C, WT_HANDSHAKE_CERTIFICATE, if_requested},
    {C, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, always},
    {C, WT_HANDSHAKE_CERTIFICATE_VERIFY, if_signs},
    {C, WT_FLOW_CCS, always},
    {C, WT_HANDSHAKE_NEXT_PROTOCOL, if_next_protocol},
    {C, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS_DRAFT, if_channel_id},
    {C, WT_HANDSHAKE_FINISHED, always},
    {S, WT_HANDSHAKE_NEW_SESSION_TICKET, if_ticket},
    {S, WT_FLOW_CCS, always},
    {S, WT_HANDSHAKE_FINISHED, always},
};

/* RFC 5246, figure 2; RFC 5077, figure 2. */
static const struct line abbreviated_handshake[] = {
    {S, WT_HANDSHAKE_NEW_SESSION_TICKET, if_ticket},
    {S, WT_FLOW_CCS, always},
    {S, WT_HANDSHAKE_FINISHED, always},
    {C, WT_FLOW_CCS, always},
    {C, WT_HANDSHAKE_NEXT_PROTOCOL, if_next_protocol},
    {C, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS_DRAFT, if_channel_id},
    {C, WT_HANDSHAKE_FINISHED, always},
};

/* RFC 8446, figures 1, 3 and 4: after the hellos, the server's flight and then the client's. */
static const struct line server_flight13[] = {
    {S, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, always},
    {S, WT_HANDSHAKE_CERTIFICATE_REQUEST, if_authenticates},
    {S, WT_HANDSHAKE_CERTIFICATE, if_certificate},
    {S, WT_HANDSHAKE_CERTIFICATE_VERIFY, if_certificate},
    {S, WT_HANDSHAKE_FINISHED, always},
};

static const struct line client_flight13[] = {
    {C, WT_HANDSHAKE_END_OF_EARLY_DATA, if_early},
    {C, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, if_settings},
    {C, WT_HANDSHAKE_CERTIFICATE, if_requested},
    {C, WT_HANDSHAKE_CERTIFICATE_VERIFY, if_signs},
    {C, WT_HANDSHAKE_FINISHED, always},
};

enum {
    FULL = sizeof full_handshake / sizeof *full_handshake,
    BRIEF = sizeof abbreviated_handshake / sizeof *abbreviated_handshake,
    SERVER13 = sizeof server_flight13 / sizeof *server_flight13,
    CLIENT13 = sizeof client_flight13 / sizeof *client_flight13,
};

/* The next line that is the message's, where none before it is missing. */
static inline bool follow(const struct line *figure, int lines, int8_t *at, const struct agreed *a,
                          const struct place *p, unsigned side, unsigned message)
{
    for (int i = *at; i >= 0 && i < lines; i++) {
        enum how how = figure[i].how(a, p);
        if (how != NEVER && figure[i].side == side && figure[i].message == message) {
            *at = (int8_t)(i + 1);
            return true;
        }
        if (how == MUST)
            return false;
    }
    return false;
}

/* ClientHello, ServerHello, and what may come between: RFC 6347, 4.2.1, figure 1 (the cookie); RFC 8446, 2.1, figure 2.
 */
static inline bool hellos(struct place *p, const struct offer *o, const struct agreed *a, unsigned side,
                          unsigned message)
{
    if (side == C && message == WT_HANDSHAKE_CLIENT_HELLO && !p->hello) {
        p->hello = true;
        return true;
    }
    if (side != S || !p->hello)
        return false;
    p->hello = false;
    switch (message) {
    case WT_HANDSHAKE_HELLO_VERIFY_REQUEST:
        p->verified = true;
        return o->dtls && !p->retried && !p->again;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST: {
        bool first = !p->retried && !p->verified && !p->again;
        p->retried = true;
        return first;
    }
    case WT_HANDSHAKE_SERVER_HELLO:
        p->phase = a->tls13 ? TLS13 : LEGACY;
        p->full = a->resumes == MUST ? -1 : 0;
        p->brief = a->resumes == NEVER ? -1 : 0;
        return a->tls13 ? !p->verified && !p->again : !p->retried;
    default:
        return false;
    }
}

static inline bool legacy(struct place *p, const struct agreed *a, unsigned side, unsigned message)
{
    if (side == C && message == WT_HANDSHAKE_CLIENT_HELLO && (p->full == FULL || p->brief == BRIEF)) {
        *p = (struct place){.phase = HELLOS, .hello = true, .again = true};
        return true;
    }
    if (side == C && message == WT_HANDSHAKE_CERTIFICATE_URL) { /* RFC 6066, 5: in place of the Certificate */
        if (!a->url)
            return false;
        message = WT_HANDSHAKE_CERTIFICATE;
    }
    if (!follow(full_handshake, FULL, &p->full, a, p, side, message))
        p->full = -1;
    if (!follow(abbreviated_handshake, BRIEF, &p->brief, a, p, side, message))
        p->brief = -1;
    return p->full >= 0 || p->brief >= 0;
}

/* RFC 8446, 4.6: after its Finished each side on its own. */
static inline bool server_after(struct place *p, const struct offer *o, const struct agreed *a, unsigned message)
{
    bool client_done = p->client == CLIENT13;
    switch (message) {
    case WT_HANDSHAKE_KEY_UPDATE:
        return true;
    case WT_HANDSHAKE_NEW_CONNECTION_ID: /* RFC 9147, 9 */
    case WT_HANDSHAKE_REQUEST_CONNECTION_ID:
        return o->dtls;
    case WT_HANDSHAKE_NEW_SESSION_TICKET: /* at once, where the client's flight is known beforehand */
        return client_done || !(p->requested || a->settings);
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        p->open++;
        return client_done && o->post_auth;
    default:
        return false;
    }
}

static inline bool client_after(struct place *p, const struct offer *o, unsigned message)
{
    if (message == WT_HANDSHAKE_CERTIFICATE && !p->answers && p->open) {
        p->answers = true;
        p->open--;
        return true;
    }
    if (message == WT_HANDSHAKE_CERTIFICATE_VERIFY && p->answers && (p->kind == SIGNS || p->kind == PERHAPS)) {
        p->kind = NONE;
        return true;
    }
    if (message == WT_HANDSHAKE_FINISHED && p->answers && p->kind != SIGNS) {
        p->answers = false;
        return true;
    }
    if (message == WT_HANDSHAKE_NEW_CONNECTION_ID || message == WT_HANDSHAKE_REQUEST_CONNECTION_ID)
        return o->dtls && !p->answers; /* RFC 9147, 9 */
    return message == WT_HANDSHAKE_KEY_UPDATE && !p->answers;
}

static inline bool tls13(struct place *p, const struct offer *o, const struct agreed *a, unsigned side,
                         unsigned message)
{
    if (message == WT_HANDSHAKE_COMPRESSED_CERTIFICATE) { /* RFC 8879, 4: in place of the Certificate */
        if (!(side == C ? a->inflates && p->requested : o->inflates))
            return false;
        message = WT_HANDSHAKE_CERTIFICATE;
    }
    if (side == S)
        return p->server == SERVER13 ? server_after(p, o, a, message)
                                     : follow(server_flight13, SERVER13, &p->server, a, p, side, message);
    if (p->server != SERVER13)
        return false;
    return p->client == CLIENT13 ? client_after(p, o, message)
                                 : follow(client_flight13, CLIENT13, &p->client, a, p, side, message);
}

/* One message further, if the figures have it here. `index`: of the agreement, for a ServerHello; `kind`: of the
 * client's Certificate. */
static inline bool figures_step(struct place *p, const struct offer *o, const struct agreed *agreements, unsigned index,
                                unsigned side, unsigned message, enum kind kind)
{
    const struct agreed *a = &agreements[p->agreed];
    bool hello = p->phase == HELLOS, certificate, there;
    /* RFC 5246, 7.4: "The one message that is not bound by these ordering rules is the HelloRequest message" */
    if (side == S && message == WT_HANDSHAKE_HELLO_REQUEST)
        return p->phase == LEGACY || (hello && !p->retried && !p->again) || (hello && p->again);
    if (hello && message == WT_HANDSHAKE_SERVER_HELLO)
        p->agreed = (uint8_t)index;
    if (hello)
        return hellos(p, o, &agreements[p->agreed], side, message);
    certificate = message == WT_HANDSHAKE_CERTIFICATE || message == WT_HANDSHAKE_COMPRESSED_CERTIFICATE ||
                  message == WT_HANDSHAKE_CERTIFICATE_URL;
    there = p->phase == LEGACY ? legacy(p, a, side, message) : tls13(p, o, a, side, message);
    if (certificate && side == C)
        p->kind = (uint8_t)kind;
    if (certificate && side == S)
        p->server_certificate = true;
    if (message == WT_HANDSHAKE_CERTIFICATE_REQUEST)
        p->requested = true;
    return there;
}

#endif
