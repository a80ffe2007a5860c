/* What stands where TLS was to be: a dialogue whose upgrade was refused, a client that speaks something else to a TLS
 * server, and what was slipped in between an upgrade and TLS. */
#include "observer/refusals.h"

#include "base/i18n.h"
#include "observer/state.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

/* --- lines
 * ------------------------------------------------------------------------------------------------------------ */

/* The next line without its end; false at the end of the text. */
static bool next_line(struct wt_span *rest, struct wt_span *line)
{
    if (!rest->n)
        return false;
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = wt_span_cut(*rest, 0, n && rest->p[n - 1] == '\r' ? n - 1 : n);
    *rest = wt_span_cut(*rest, end ? n + 1 : n, rest->n);
    return true;
}

static bool begins(struct wt_span s, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (i >= s.n || tolower(s.p[i]) != tolower((unsigned char)text[i]))
            return false;
    return true;
}

static bool says(struct wt_span s, const char *text)
{
    for (size_t i = 0; i < s.n; i++)
        if (begins(wt_span_cut(s, i, s.n), text))
            return true;
    return false;
}

/* RFC 5321, 4.2.1, and FTP's and NNTP's like: the last line of an answer has its code and a blank. */
static bool ends_coded(struct wt_span line)
{
    return line.n >= 3 && isdigit(line.p[0]) && isdigit(line.p[1]) && isdigit(line.p[2]) &&
           (line.n == 3 || line.p[3] == ' ');
}

static bool ends_pop3(struct wt_span line)
{
    return begins(line, "+OK") || begins(line, "-ERR");
}

/* The answer to a command: the greeting is number 0, and each command has one. */
static bool answer_to(struct wt_span server, bool (*ends)(struct wt_span), unsigned command, struct wt_span *answer)
{
    struct wt_span line;
    unsigned n = 0;
    while (next_line(&server, &line))
        if (ends(line) && n++ == command) {
            *answer = line;
            return true;
        }
    return false;
}

/* --- refused upgrades
 * --------------------------------------------------------------------------------------------------- */

/* The number, from 1, of the last of a client's lines that begins so; 0: none. */
static unsigned asked(struct wt_span client, const char *command)
{
    struct wt_span line;
    unsigned n = 0, found = 0;
    while (next_line(&client, &line)) {
        n++;
        if (begins(line, command))
            found = n;
    }
    return found;
}

static bool coded(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    static const char *const commands[] = {"STARTTLS", "AUTH TLS", "AUTH SSL"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        unsigned n = asked(client, commands[i]);
        if (n && answer_to(server, ends_coded, n, answer) && (answer->p[0] == '4' || answer->p[0] == '5'))
            return true;
    }
    return false;
}

static bool pop3(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    unsigned n = asked(client, "STLS");
    return n && answer_to(server, ends_pop3, n, answer) && begins(*answer, "-ERR");
}

/* RFC 9051, 6.2.1: the answer has the command's tag. */
static bool imap(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    struct wt_span line, reply;
    while (next_line(&client, &line)) {
        const uint8_t *blank = memchr(line.p, ' ', line.n);
        size_t tag = blank ? (size_t)(blank - line.p) : 0;
        if (!tag || !begins(wt_span_cut(line, tag + 1, line.n), "STARTTLS"))
            continue;
        for (struct wt_span rest = server; next_line(&rest, &reply);) {
            struct wt_span status = wt_span_cut(reply, tag + 1, reply.n);
            if (reply.n > tag && memcmp(reply.p, line.p, tag) == 0 && reply.p[tag] == ' ' &&
                (begins(status, "NO") || begins(status, "BAD"))) {
                *answer = reply;
                return true;
            }
        }
    }
    return false;
}

/* RFC 5804, 2.2 */
static bool sieve(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    while (asked(client, "STARTTLS") && next_line(&server, answer))
        if (begins(*answer, "NO") || begins(*answer, "BYE"))
            return true;
    return false;
}

/* RFC 6120, 5.4.2.2 */
static bool xmpp(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    *answer = wt_span_text("<failure/>");
    return says(client, "<starttls") && says(server, "<failure") && says(server, "urn:ietf:params:xml:ns:xmpp-tls");
}

/* The server answers each request with a letter; GSSENCRequest may come before SSLRequest. */
static bool postgresql(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    static const uint8_t ssl[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}, gss[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x30};
    size_t i = client.n >= 8 && memcmp(client.p, gss, 8) == 0;
    if (client.n < 8 * (i + 1) || memcmp(client.p + 8 * i, ssl, 8) != 0 || server.n <= i)
        return false;
    *answer = wt_span_cut(server, i, i + 1);
    return server.p[i] == 'N' || server.p[i] == 'E';
}

/* RFC 4511, 4.12: an ExtendedResponse whose resultCode is not success, in lengths of one byte. */
static bool ldap(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    *answer = wt_span_text(server.n < 10       ? "resultCode"
                           : server.p[9] == 52 ? "unavailable (52)"
                           : server.p[9] == 53 ? "unwillingToPerform (53)"
                           : server.p[9] == 2  ? "protocolError (2)"
                           : server.p[9] == 1  ? "operationsError (1)"
                                               : "resultCode");
    return says(client, "1.3.6.1.4.1.1466.20037") && server.n >= 10 && server.p[0] == 0x30 && server.p[1] < 0x80 &&
           server.p[2] == 2 && server.p[3] == 1 && server.p[5] == 0x78 && server.p[6] < 0x80 && server.p[7] == 0x0a &&
           server.p[8] == 1 && server.p[9] != 0;
}

/* The IRCv3 "tls" extension: 691 ERR_STARTTLS; 421 ERR_UNKNOWNCOMMAND of servers that do not know it. */
static bool irc(struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    while (asked(client, "STARTTLS") && next_line(&server, answer))
        if (says(*answer, " 691 ") || (says(*answer, " 421 ") && says(*answer, "STARTTLS")))
            return true;
    return false;
}

static const struct {
    const char *name; /* of starttls.c */
    bool (*refused)(struct wt_span client, struct wt_span server, struct wt_span *answer);
} upgrades[] = {
    {"smtp", coded}, {"lmtp", coded},  {"ftp", coded}, {"nntp", coded}, {"pop3", pop3},
    {"imap", imap},  {"sieve", sieve}, {"xmpp", xmpp}, {"irc", irc},    {"postgresql", postgresql},
    {"ldap", ldap},
};

/* Bytes of the wire as a person can read them: printable, at most 72. */
static const char *quoted(struct wt_span s, char out[80])
{
    size_t n = 0;
    while (n < s.n && n < 72 && s.p[n] != '\r' && s.p[n] != '\n') {
        out[n] = s.p[n] >= 0x20 && s.p[n] < 0x7f ? (char)s.p[n] : '?';
        n++;
    }
    out[n] = '\0';
    return out;
}

static struct wt_tls *failed(struct wt_observer *o, struct wt_conversation *c, unsigned client)
{
    struct wt_time now = o->now;
    if (c->last_ns)
        o->now.ns = c->last_ns;
    struct wt_tls *tls = wt_tls_new(o, c);
    o->now = now;
    if (!tls)
        return NULL;
    tls->client = (uint8_t)client;
    tls->client_known = true;
    tls->noted |= WT_NOTED_NEVER_TLS;
    return tls;
}

/* Notes that the server refused the upgrade that the dialogue asked for; its line. */
static bool was_refused(const char *name, struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    for (size_t i = 0; name && i < sizeof upgrades / sizeof *upgrades; i++)
        if (strcmp(upgrades[i].name, name) == 0)
            return upgrades[i].refused(client, server, answer);
    return false;
}

static void tell_refused(struct wt_tls *tls, uint32_t frame, struct wt_span answer)
{
    char text[80];
    const struct wt_list_finding *f =
        wt_finding_say(tls, WT_FINDING_STARTTLS_REFUSED, frame,
                       _("The client asked to upgrade %s to TLS, and the server refused: \"%s\"."), tls->starttls,
                       quoted(answer, text));
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_SERVER, WT_NOTICED_BY_SERVER, false);
    wt_finding_cause(tls, f);
}

static bool starttls_refused(struct wt_observer *o, struct wt_conversation *c, unsigned client,
                             const struct wt_span said[2])
{
    const char *name = wt_starttls_name(said[client], said[!client]);
    struct wt_span answer;
    struct wt_tls *tls;
    if (!was_refused(name, said[client], said[!client], &answer) || !(tls = failed(o, c, client)))
        return false;
    tls->starttls = name;
    tell_refused(tls, c->last_frame, answer);
    return true;
}

/* --- clients that speak something else
 * ------------------------------------------------------------------------------------ */

/* What a client speaks, by its first bytes; NULL when not recognised. */
static const char *spoken(struct wt_span s)
{
    static const struct {
        const char *start, *name;
    } rows[] = {
        {"GET ", "HTTP"},
        {"POST ", "HTTP"},
        {"HEAD ", "HTTP"},
        {"PUT ", "HTTP"},
        {"DELETE ", "HTTP"},
        {"OPTIONS ", "HTTP"},
        {"PATCH ", "HTTP"},
        {"TRACE ", "HTTP"},
        {"CONNECT ", N_("HTTP CONNECT, as to a proxy")},
        {"PRI * HTTP/2.0", N_("HTTP/2 without TLS")},
        {"PROXY ", N_("the PROXY protocol")},
        {"SSH-", "SSH"},
        {"EHLO", "SMTP"},
        {"HELO", "SMTP"},
        {"LHLO", "LMTP"},
        {"USER ", N_("FTP, POP3 or IRC")},
        {"NICK ", "IRC"},
        {"CAP ", "IRC"},
        {"<?xml", "XMPP"},
        {"<stream", "XMPP"},
        {"INVITE ", "SIP"},
        {"REGISTER ", "SIP"},
        {"AMQP", "AMQP"},
        {"\r\n\r\n", N_("the PROXY protocol")},
    };
    static const uint8_t postgresql[] = {4, 0xd2, 0x16, 0x2f};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wt_span_starts(s, rows[i].start))
            return rows[i].name;
    if (s.n >= 8 && memcmp(s.p + 4, postgresql, 4) == 0)
        return N_("PostgreSQL, which asks for an upgrade first");
    if (s.n >= 10 && s.p[0] == 0x10 && memmem(s.p, 10, "MQTT", 4))
        return "MQTT";
    if (s.n >= 7 && s.p[0] == 3 && s.p[1] == 0 && s.p[5] == 0xe0)
        return "RDP";
    return NULL;
}

/* Bytes that a TLS client could have begun with say nothing of another protocol. */
static bool looks_like_tls(struct wt_span s)
{
    return !s.n ||
           (s.p[0] >= WT_CONTENT_CHANGE_CIPHER_SPEC && s.p[0] <= WT_CONTENT_HEARTBEAT && (s.n < 2 || s.p[1] == 3)) ||
           s.p[0] & 0x80;
}

static void accuse(struct wt_tls *tls, uint32_t frame, struct wt_span client, const char *how, bool probable)
{
    const char *name = spoken(client);
    char text[80];
    const struct wt_list_finding *f =
        name ? wt_finding_say(tls, WT_FINDING_CLIENT_NOT_TLS, frame,
                              _("The client speaks %s (\"%s\") to a server that speaks TLS: %s."), _(name),
                              quoted(client, text), how)
             : wt_finding_say(tls, WT_FINDING_CLIENT_NOT_TLS, frame,
                              _("The client's first bytes (\"%s\") are no TLS, and the server speaks TLS: %s."),
                              quoted(client, text), how);
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, probable);
    wt_finding_cause(tls, f);
}

void wt_dialogue_alert(struct wt_observer *o, struct wt_conversation *c, struct wt_span client)
{
    struct wt_tls *tls = c->tls;
    if (looks_like_tls(client))
        return;
    tls->noted |= WT_NOTED_NEVER_TLS;
    tls->starttls = NULL;
    accuse(tls, o->frame, client, _("it answers with a TLS alert"), false);
}

/* What servers answer to HTTP on their TLS port: nginx, Apache, Go, Java. */
static bool says_tls_port(struct wt_span s)
{
    static const char *const phrases[] = {"sent to HTTPS port", "SSL-enabled server port",
                                          "HTTP request to an HTTPS server",
                                          "This combination of host and port requires TLS"};
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (says(s, phrases[i]))
            return true;
    return false;
}

static bool client_not_tls(struct wt_observer *o, struct wt_conversation *c, unsigned client,
                           const struct wt_span said[2])
{
    struct wt_span answer = said[!client];
    bool http = begins(answer, "HTTP/1.") && answer.n >= 12 && answer.p[9] == '4';
    bool sure = http && says_tls_port(answer);
    bool closed = !answer.n && c->flags & (WT_CONV_LEFT << !client);
    bool elsewhere = wt_refusals_is_tls_server(o, c, !client), port = wt_refusals_service(c->port[!client]);
    if (looks_like_tls(said[client]) || !spoken(said[client]) ||
        !(sure || (http && elsewhere) || (closed && (elsewhere || port))))
        return false;
    struct wt_tls *tls = failed(o, c, client);
    if (!tls)
        return false;
    accuse(
        tls, c->last_frame, said[client],
        sure   ? _("it says so itself in its answer")
        : http ? _("probably, since other connections to it are TLS, and it refuses the request")
        : elsewhere
            ? _("probably, since other connections to it are TLS, and it closes without an answer")
            : _("probably, since its port is one for TLS, and it closes without an answer; a connection to it with TLS "
                "settles it"),
        !sure);
    return true;
}

void wt_dialogue_end(struct wt_observer *o, struct wt_conversation *c, struct wt_span said[2])
{
    /* who opened the connection is its client; without a SYN it is not known */
    unsigned client = c->flags & WT_CONV_SYN || c->flags & WT_CONV_STREAM ? 0 : 1;
    if ((client && !(c->flags & (WT_CONV_SYN << 1))) || !said[client].n)
        return;
    if (!starttls_refused(o, c, client, said))
        (void)client_not_tls(o, c, client, said);
}

/* --- slipped in
 * ----------------------------------------------------------------------------------------------------------- */

/* How many bytes stand behind the line that asks; SIZE_MAX: nobody asked so. */
static size_t behind_line(struct wt_span client, bool tagged, const char *command)
{
    struct wt_span rest = client, line;
    size_t found = SIZE_MAX;
    while (next_line(&rest, &line)) {
        const uint8_t *blank = tagged ? memchr(line.p, ' ', line.n) : NULL;
        size_t at = blank ? (size_t)(blank - line.p) + 1 : 0;
        if (begins(wt_span_cut(line, at, line.n), command))
            found = rest.n;
    }
    return found;
}

static size_t injected_by_client(const char *name, struct wt_span client)
{
    static const struct {
        const char *name, *command;
        bool tagged;
    } rows[] = {{"smtp", "STARTTLS", false},  {"lmtp", "STARTTLS", false}, {"nntp", "STARTTLS", false},
                {"sieve", "STARTTLS", false}, {"irc", "STARTTLS", false},  {"pop3", "STLS", false},
                {"imap", "STARTTLS", true},   {"ftp", "AUTH ", false}};
    static const uint8_t ssl[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0) {
            size_t n = behind_line(client, rows[i].tagged, rows[i].command);
            return n == SIZE_MAX ? 0 : n;
        }
    const uint8_t *at = strcmp(name, "postgresql") == 0 && client.n >= 8 ? memmem(client.p, client.n, ssl, 8) : NULL;
    return at ? client.n - (size_t)(at - client.p) - 8 : 0;
}

/* How many bytes stand behind the answer to the command; 0 when it is not there. */
static size_t behind_answer(struct wt_span server, bool (*ends)(struct wt_span), unsigned command)
{
    struct wt_span line;
    unsigned n = 0;
    while (command && next_line(&server, &line))
        if (ends(line) && n++ == command)
            return server.n;
    return 0;
}

/* The answer that grants the upgrade is the last thing that a server says in the clear. */
static size_t injected_by_server(const char *name, struct wt_span client, struct wt_span server)
{
    static const struct {
        const char *name, *command;
        bool (*ends)(struct wt_span);
    } rows[] = {{"smtp", "STARTTLS", ends_coded},
                {"lmtp", "STARTTLS", ends_coded},
                {"nntp", "STARTTLS", ends_coded},
                {"ftp", "AUTH ", ends_coded},
                {"pop3", "STLS", ends_pop3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return behind_answer(server, rows[i].ends, asked(client, rows[i].command));
    return 0;
}

void wt_dialogue_injected(struct wt_observer *o, const struct wt_conversation *c, struct wt_span client,
                          struct wt_span server)
{
    struct wt_tls *tls = c->tls;
    struct wt_span answer;
    if (!tls->starttls || !c->tcp[0].syn || !c->tcp[1].syn)
        return;
    /* a client that begins TLS all the same has asked in vain; whether it was, its end tells */
    if (was_refused(tls->starttls, client, server, &answer)) {
        tell_refused(tls, o->frame, answer);
        return;
    }
    size_t by_client = injected_by_client(tls->starttls, client);
    size_t by_server = injected_by_server(tls->starttls, client, server);
    if (by_client)
        wt_finding_add(tls, WT_FINDING_PLAINTEXT_BEFORE_STARTTLS, o->frame, N_("The client"), by_client, 0);
    if (by_server)
        wt_finding_add(tls, WT_FINDING_PLAINTEXT_BEFORE_STARTTLS, o->frame, N_("The server"), by_server, 0);
}
