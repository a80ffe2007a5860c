/* A client's session between two runs, in a file, and the early data that it allows.
 *
 * The file is what wt_endpoint_session() gives: a mark, a form, the session, a digest. Whatever is wrong with it is
 * said and stops nothing: the handshake is then a full one. Only what is known to be ours is replaced. */
#include "client.h"

#include "file.h"
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EARLY_MOST = 16384, SESSION_MOST = 10240, ROOM = 1200, TLS13 = 0x0304 }; /* wiretale/endpoint.h */

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void say(struct client *c, const char *mark, const char *text)
{
    tool_speak_say(&c->speak, mark, text);
}

/* What is wrong with the file, where, and what to do. */
static void say_malformed(struct client *c, const struct wt_error *error)
{
    char line[ROOM];
    c->session_state = "malformed";
    c->session_foreign = true;
    if (error->code == WT_FORMAT)
        (void)snprintf(line, sizeof line,
                       _("session: %s is no session of wiretale's (byte 0): it is neither used nor replaced; name "
                         "another file"),
                       c->session_file);
    else if (error->code == WT_UNSUPPORTED)
        (void)snprintf(line, sizeof line,
                       _("session: %s is of another version of wiretale (form %u, byte %u): it is neither used nor "
                         "replaced; delete it"),
                       c->session_file, (unsigned)error->value, (unsigned)error->offset);
    else
        (void)snprintf(line, sizeof line,
                       _("session: %s is damaged (%s, byte %u): it is neither used nor replaced; delete it"),
                       c->session_file, error->field ? error->field : "?", (unsigned)error->offset);
    say(c, "✗", line);
}

static void load_session(struct client *c)
{
    struct wt_error error;
    char line[ROOM];
    c->session_state = "none";
    if (access(c->session_file, F_OK) != 0 && errno == ENOENT) {
        (void)snprintf(line, sizeof line, _("session: %s is not there yet"), c->session_file);
        say(c, "–", line);
        return;
    }
    c->session = tool_speak_load(c->speak.command, c->session_file, &c->session_n);
    if (!c->session) { /* which was said */
        c->session_state = "unreadable";
        c->session_foreign = true;
    } else if (!wt_session_info((struct wt_span){(const uint8_t *)c->session, c->session_n}, &c->kept, &error)) {
        say_malformed(c, &error);
    } else {
        tool_speak_private(c->speak.command, c->session_file);
    }
}

bool client_session_load(struct client *c)
{
    if (c->session_file)
        load_session(c);
    if (!c->early_file && !c->early_again)
        return true;
    if (!c->early_file || !c->session_file) {
        tool_complain(c->speak.command, "%s",
                      c->early_file ? _("--early needs --session FILE: early data are sent under a session's keys")
                                    : _("--early-again needs --early FILE"));
        return false;
    }
    c->early = tool_speak_load(c->speak.command, c->early_file, &c->early_n);
    if (c->early && c->early_n > 0 && c->early_n <= EARLY_MOST)
        return true;
    if (c->early)
        tool_complain(c->speak.command, _("--early: %s has %zu bytes: early data have 1 to %d"), c->early_file,
                      c->early_n, EARLY_MOST);
    return false;
}

/* --- offering ----------------------------------------------------------------------------------------------------- */

static const char *when(int64_t ms, char out[32])
{
    const time_t t = (time_t)(ms / 1000);
    struct tm tm;
    if (!gmtime_r(&t, &tm) || !strftime(out, 32, "%Y-%m-%d %H:%M:%S UTC", &tm))
        (void)snprintf(out, 32, "?");
    return out;
}

static const char *state_of(enum wt_session_fault fault)
{
    static const char *const states[] = {
        [WT_SESSION_FITS] = "offered",
        [WT_SESSION_MALFORMED] = "malformed",
        [WT_SESSION_OTHER_HOST] = "other_host",
        [WT_SESSION_OTHER_PORT] = "other_port",
        [WT_SESSION_EXPIRED] = "expired",
        [WT_SESSION_UNVERIFIED] = "unverified",
        [WT_SESSION_OTHER_VERSION] = "other_version",
        [WT_SESSION_OTHER_SUITE] = "other_cipher_suite",
        [WT_SESSION_OTHER_ALPN] = "other_alpn",
        [WT_SESSION_OTHER_PSK] = "other_psk",
    };
    return states[fault];
}

/* Why it is not offered. */
static void say_unfit(struct client *c, enum wt_session_fault fault)
{
    const struct wt_session_info *k = &c->kept;
    struct tool_host host = {.port = k->port};
    char line[ROOM], where[300], alpn[300], time[32];
    const char *version = wt_registry_name(WT_REG_VERSION, k->version),
               *suite = wt_registry_name(WT_REG_CIPHER_SUITE, k->suite);
    tool_speak_bytes(k->host, host.name, sizeof host.name);
    tool_net_format(&host, where, sizeof where);
    tool_speak_bytes(k->alpn, alpn, sizeof alpn);
    switch (fault) {
    case WT_SESSION_OTHER_HOST:
    case WT_SESSION_OTHER_PORT:
        (void)snprintf(line, sizeof line, _("session: that of %s is for %s: not offered"), c->session_file, where);
        break;
    case WT_SESSION_EXPIRED:
        (void)snprintf(line, sizeof line, _("session: that of %s was good until %s: not offered"), c->session_file,
                       when(k->expires, time));
        break;
    case WT_SESSION_UNVERIFIED:
        (void)snprintf(line, sizeof line,
                       _("session: that of %s is with a server that nobody has verified: not offered"),
                       c->session_file);
        break;
    case WT_SESSION_OTHER_PSK:
        (void)snprintf(line, sizeof line,
                       _("session: that of %s goes back to a pre-shared key that is not this client's: not offered"),
                       c->session_file);
        break;
    default: /* another version, suite or protocol than this client is to use */
        (void)snprintf(line, sizeof line, _("session: that of %s is of %s, %s%s%s: not offered"), c->session_file,
                       version ? version : "?", suite ? suite : "?", *alpn ? ", " : "", alpn);
        break;
    }
    say(c, "–", line);
}

struct wt_span client_session_choose(struct client *c)
{
    const struct wt_span session = {(const uint8_t *)c->session, c->session_n};
    if (!c->session || c->session_foreign)
        return (struct wt_span){0};
    const enum wt_session_fault fault = wt_client_session_fault(c->party, NULL, c->host.port, tool_net_ms(), session);
    c->session_state = state_of(fault);
    c->session_offered = fault == WT_SESSION_FITS;
    c->early_fits = c->session_offered && c->kept.early_data >= c->early_n;
    if (!c->session_offered)
        say_unfit(c, fault);
    return c->session_offered ? session : (struct wt_span){0};
}

/* --- early data --------------------------------------------------------------------------------------------------- */

void client_early_write(struct client *c)
{
    if (c->early && (c->early_fits || c->early_again))
        (void)wt_endpoint_write(c->e, c->early, c->early_n);
}

/* What became of them when they were not accepted: by why, and whether --early-again was given. */
static void say_not_early(struct client *c, const struct wt_endpoint_info *info, char *line)
{
    const size_t n = c->early_n;
    if (info->early_data_sent)
        (void)snprintf(line, ROOM,
                       c->early_again ? _("early data: %zu bytes rejected, sent again after the handshake")
                                      : _("early data: %zu bytes rejected, not sent again; --early-again would"),
                       n);
    else if (!c->session_offered)
        (void)snprintf(line, ROOM,
                       c->early_again
                           ? _("early data: no session to send %zu bytes under: sent after the handshake")
                           : _("early data: no session to send %zu bytes under: not sent; --early-again would"),
                       n);
    else
        (void)snprintf(line, ROOM,
                       c->early_again
                           ? _("early data: %zu bytes are more than the session allows (%u): sent after the handshake")
                           : _("early data: %zu bytes are more than the session allows (%u): not sent; --early-again "
                               "would"),
                       n, (unsigned)c->kept.early_data);
}

static void say_early(struct client *c, const struct wt_endpoint_info *info)
{
    char line[ROOM];
    if (info->early_data_accepted)
        (void)snprintf(line, sizeof line,
                       ngettext_("early data: %zu byte accepted", "early data: %zu bytes accepted", c->early_n),
                       c->early_n);
    else
        say_not_early(c, info, line);
    say(c, info->early_data_accepted ? "✓" : "–", line);
}

void client_session_say(struct client *c)
{
    struct wt_endpoint_info info;
    char line[ROOM];
    wt_endpoint_info(c->e, &info);
    if (c->session_offered) {
        c->session_state = info.resumed ? "resumed" : "declined";
        if (info.resumed)
            (void)snprintf(line, sizeof line, _("session: that of %s was resumed"), c->session_file);
        else
            (void)snprintf(line, sizeof line, _("session: the server did not take that of %s: a full handshake"),
                           c->session_file);
        say(c, info.resumed ? "✓" : "–", line);
    }
    if (c->early)
        say_early(c, &info);
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

/* RFC 8446, C.4: "Clients SHOULD NOT reuse a ticket for multiple connections." */
static void use_up(struct client *c)
{
    char line[ROOM];
    if (!c->session_offered || c->kept.version != TLS13 || unlink(c->session_file) != 0)
        return;
    (void)snprintf(line, sizeof line, _("session: that of %s is used up, and no other came: deleted"), c->session_file);
    say(c, "–", line);
}

static bool write_session(struct client *c, const uint8_t *bytes, size_t n)
{
    struct tool_file file;
    bool ok = tool_file_open(&file, c->speak.command, c->session_file, NULL, 0, true);
    if (ok) {
        (void)tool_file_write(&file, bytes, n);
        ok = tool_file_commit(&file);
        tool_file_drop(&file);
    }
    return ok;
}

/* A connection that failed leaves none (RFC 5246, 7.2.2): the engine has forgotten it. */
void client_session_save(struct client *c)
{
    uint8_t bytes[SESSION_MOST];
    struct wt_session_info now;
    char line[ROOM], until[32];
    if (!c->session_file || c->session_foreign)
        return;
    const size_t n = wt_endpoint_session(c->e, bytes, sizeof bytes);
    if (!n || n > sizeof bytes) {
        use_up(c);
        return;
    }
    c->session_saved = write_session(c, bytes, n);
    if (!c->session_saved)
        c->status = TOOL_BAD_INPUT;
    else if (wt_session_info((struct wt_span){bytes, n}, &now, NULL)) {
        (void)snprintf(line, sizeof line,
                       now.early_data ? _("session: kept in %s, good until %s, with early data of up to %u bytes")
                                      : _("session: kept in %s, good until %s"),
                       c->session_file, when(now.expires, until), (unsigned)now.early_data);
        say(c, "✓", line);
    }
    explicit_bzero(bytes, sizeof bytes);
}
