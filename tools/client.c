/* wiretale client: connects, verifies, and passes bytes through; when it cannot, it says why as `read` would. */
#include "client.h"

#include "await.h"
#include "memory.h"
#include "wiretale/dialogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint8_t options[] = {
    OPTION_GET,          OPTION_STARTTLS, OPTION_PROXY,   OPTION_CONNECT,     OPTION_TIMEOUT,
    OPTIONS_OF_SPEAKING, OPTION_MIN_DH,   OPTION_SESSION, OPTION_EARLY,       OPTION_EARLY_AGAIN,
    OPTIONS_OF_PSKS,     OPTION_CERT,     OPTION_KEY,     OPTIONS_OF_JUDGING, OPTION_WITHOUT_VERIFICATION,
    OPTION_STORY,        OPTION_JSON_OWN, OPTION_HTML,    OPTION_KEYLOG_OWN,  OPTION_CAPTURE,
    OPTIONS_OF_LOOK,     OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_client = {
    .name = "client",
    .operands = N_("HOST[:PORT]"),
    .text = N_("connect to a server, verify it, and pass standard input and output through"),
    .more =
        N_("What was agreed on is written to standard error, the server's data to standard output. Standard input is "
           "sent as it is, and its end ends what is sent, not what is read. When the connection fails, the cause is "
           "reported as 'wiretale read' would, and what was tried.\n"
           "Exit status: 0 if the connection was established and verified; 1 if it broke later, or output could not "
           "be written; 2 for usage errors; 3 if the server is not trusted; 4 if the handshake failed; 5 without a "
           "TCP connection."),
    .options = options,
    .run = run,
};

/* --- options ------------------------------------------------------------------------------------------------------ */

static bool take_path(struct client *c, const struct tool_arguments *a)
{
    bool ok = *a->value == '/';
    for (const char *p = a->value; *p; p++)
        ok = ok && (unsigned char)*p > ' ' && *p != 0x7f;
    if (!ok)
        tool_complain(a->command, _("--get takes a path as in a URL, beginning with / and without blanks, not '%s'"),
                      a->value);
    c->get = a->value;
    return ok;
}

static bool take_where(struct client *c, const struct tool_arguments *a)
{
    if (tool_net_parse(a->value, &c->where))
        return true;
    tool_complain(a->command, _("--%s takes HOST, HOST:PORT or [IPV6]:PORT, not '%s'"), tool_options[a->id].name,
                  a->value);
    return false;
}

/* Every protocol in which a client can ask. */
static bool take_starttls(struct client *c, const struct tool_arguments *a)
{
    const char *names[64] = {NULL}, *name;
    char list[400] = "";
    size_t n = 0;
    for (size_t i = 0; i < 63 && (name = wt_dialogue_protocol(i, false)); i++) {
        names[i] = name;
        if (!strcmp(name, a->value))
            c->starttls = name;
        n += (size_t)snprintf(list + n, n < sizeof list ? sizeof list - n : 0, "%s%s", i ? ", " : "", name);
    }
    const char *nearest = c->starttls ? NULL : tool_nearest(a->value, names);
    if (nearest)
        tool_complain(a->command, _("--%s: no '%s'; did you mean %s?"), tool_options[a->id].name, a->value, nearest);
    else if (!c->starttls)
        tool_complain(a->command, _("--%s: no '%s', but one of %s"), tool_options[a->id].name, a->value, list);
    return c->starttls;
}

static bool take_proxy(struct client *c, const struct tool_arguments *a)
{
    static const struct {
        const char *scheme, *protocol;
        uint16_t port;
    } schemes[] = {{"http://", "http_connect", 3128}, {"socks5://", "socks", 1080}, {"socks5h://", "socks", 1080}};
    char room[TOOL_NET_HOST + 16];
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const size_t n = strlen(schemes[i].scheme);
        if (strncmp(a->value, schemes[i].scheme, n) != 0)
            continue;
        (void)snprintf(room, sizeof room, "%s", a->value + n);
        const size_t m = strlen(room);
        if (m && room[m - 1] == '/')
            room[m - 1] = '\0';
        if (!tool_net_parse(room, &c->through))
            break;
        if (!c->through.port)
            c->through.port = schemes[i].port;
        c->proxy = schemes[i].protocol;
        return true;
    }
    tool_complain(a->command, _("--proxy takes http://HOST:PORT or socks5://HOST:PORT, not '%s'"), a->value);
    return false;
}

static bool option(struct client *c, const struct tool_arguments *a)
{
    uint64_t number;
    switch (a->id) {
    case OPTION_GET:
        return take_path(c, a);
    case OPTION_STARTTLS:
        return take_starttls(c, a);
    case OPTION_PROXY:
        return take_proxy(c, a);
    case OPTION_CONNECT:
        return take_where(c, a);
    case OPTION_SESSION:
        c->session_file = a->value;
        return true;
    case OPTION_EARLY:
        c->early_file = a->value;
        return true;
    case OPTION_EARLY_AGAIN:
        return c->early_again = true;
    case OPTION_TIMEOUT:
        if (!tool_arguments_number(a, 1, 86400, &number))
            return false;
        c->milliseconds = (unsigned)number * 1000;
        return true;
    case OPTION_MIN_DH:
        if (!tool_arguments_number(a, 1024, 2048, &number))
            return false;
        c->speak.options.min_dh = (uint16_t)number;
        return true;
    case OPTION_WITHOUT_VERIFICATION:
        return c->speak.options.without_verification = true;
    default:
        return tool_speak_option(&c->speak, a);
    }
}

static bool take_host(struct client *c, char **operands, int count)
{
    enum { HTTPS = 443 };
    if (count == 0) {
        tool_complain(&tool_client, "%s", _("missing host: wiretale client HOST or HOST:PORT"));
        return false;
    }
    if (count > 1) {
        tool_complain(&tool_client, _("one host at a time: what is '%s'? A port is written HOST:PORT"), operands[1]);
        return false;
    }
    if (!tool_net_parse(operands[0], &c->host)) {
        tool_complain(&tool_client, _("'%s' is no HOST, HOST:PORT or [IPV6]:PORT"), operands[0]);
        return false;
    }
    if (!c->host.port)
        c->host.port = HTTPS;
    if (!*c->where.name)
        c->where = c->host;
    if (!c->where.port)
        c->where.port = c->host.port;
    return true;
}

/* --- a request ---------------------------------------------------------------------------------------------------- */

static bool speaks_http1(const struct tool_speak *s)
{
    for (size_t i = 0; i < s->alpn_count; i++)
        if (!strcmp(s->alpn[i], "http/1.1"))
            return true;
    return s->alpn_count == 0;
}

/* RFC 9112, 3.2: the Host field has the port unless it is the scheme's own. */
static bool prepare_get(struct client *c)
{
    char host[300];
    if (!c->get)
        return true;
    if (!speaks_http1(&c->speak)) {
        tool_complain(&tool_client, "%s", _("--get speaks HTTP/1.1: add http/1.1 to --alpn, or remove it"));
        return false;
    }
    c->speak.alpn[0] = "http/1.1";
    c->speak.alpn_count = 1;
    tool_net_format(&c->host, host, sizeof host);
    if (c->host.port == 443)
        *strrchr(host, ':') = '\0';
    c->in_n = (size_t)snprintf(c->in, sizeof c->in,
                               "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: wiretale/" WT_VERSION
                               "\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                               c->get, host);
    c->in_done = true;
    if (c->in_n < sizeof c->in)
        return true;
    tool_complain(&tool_client, "%s", _("--get: the path is too long"));
    return false;
}

/* --- the connection ----------------------------------------------------------------------------------------------- */

static bool start(struct client *c)
{
    struct wt_error error;
    c->speak.options.host = c->host.name;
    c->speak.options.port = c->host.port;
    c->speak.options.timestamps = true;
    c->speak.options.early_data_again = c->early_again;
    if (c->early && c->kept.early_data >= c->early_n)
        c->speak.options.early_data = (uint32_t)c->early_n;
    c->party = wt_client_new(&c->speak.options, &error);
    if (!c->party) {
        tool_speak_refused(&c->speak, &error);
        c->status = TOOL_USAGE;
    }
    return c->party;
}

static void speak(struct client *c)
{
    const struct wt_span session = client_session_choose(c);
    c->fd = tool_net_connect(c->proxy ? &c->through : &c->where, c->milliseconds, &c->tried);
    if (c->fd < 0 || !tool_net_ends(c->fd, &c->local, &c->remote)) {
        client_say_unreached(c);
        return;
    }
    tool_record_begin(&c->speak.record, &c->tap, &c->local, &c->remote);
    if (!client_upgrade(c))
        return;
    c->e = wt_client_connect_to(c->party, NULL, c->host.port, tool_net_ms(), session);
    if (!c->e) {
        tool_complain(&tool_client, "%s", _("out of memory"));
        c->status = TOOL_BAD_INPUT;
        return;
    }
    client_early_write(c);
    if (c->get && wt_endpoint_write(c->e, c->in, c->in_n) == c->in_n)
        c->in_n = 0;
    client_talk(c);
    tool_record_end(&c->speak.record, &c->tap, c->reset);
    client_session_save(c);
    client_say_end(c);
}

static int connect_and_speak(struct client *c)
{
    c->speak.record.observes = true;
    c->speak.record.ended = client_ended;
    c->speak.record.context = c;
    c->status = TOOL_USAGE;
    if (prepare_get(c) && tool_speak_settle(&c->speak, STDERR_FILENO) && client_session_load(c) && start(c)) {
        c->status = TOOL_OK;
        tool_await_signals();
        speak(c);
    }
    if (!tool_record_close(&c->speak.record) && c->status == TOOL_OK)
        c->status = TOOL_BAD_INPUT;
    return c->status;
}

static int run(int argc, char **argv)
{
    enum { WAIT = 10000 };
    struct tool_arguments a = {.command = &tool_client, .argv = argv, .argc = argc};
    struct client *c = tool_checked(calloc(1, sizeof *c));
    int status = TOOL_USAGE, which;
    if (!c)
        return TOOL_BAD_INPUT;
    c->speak.command = &tool_client;
    c->milliseconds = WAIT;
    c->fd = -1;
    while ((which = tool_arguments_next(&a)) >= 0 && option(c, &a))
        ;
    if (which == TOOL_END && take_host(c, argv, a.operands))
        status = connect_and_speak(c);
    wt_endpoint_free(c->e);
    wt_party_free(c->party);
    tool_speak_close(&c->speak);
    if (c->fd >= 0)
        (void)close(c->fd);
    for (int i = 0; i < 2; i++) {
        char *secret = i ? c->early : c->session;
        if (secret)
            explicit_bzero(secret, i ? c->early_n : c->session_n);
        free(secret);
    }
    free(c->text);
    free(c->advice);
    explicit_bzero(c, sizeof *c);
    free(c);
    return status;
}
