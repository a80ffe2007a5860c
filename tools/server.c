/* wiretale server: TLS in front of a folder, an echo, or a plain service, and the story of every connection. */
#include "server.h"

#include "await.h"
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const uint8_t options[] = {
    OPTION_WWW,       OPTION_ECHO,         OPTION_PROXY_TO,    OPTION_PORT,    OPTION_LISTEN,        OPTION_LIMIT,
    OPTION_TIMEOUT,   OPTIONS_OF_SPEAKING, OPTION_EARLY_BYTES, OPTION_TICKETS, OPTION_TICKET_KEY,    OPTIONS_OF_PSKS,
    OPTION_HIDE_PSKS, OPTION_CERT,         OPTION_KEY,         OPTION_MAKE,    OPTION_FOLDER,        OPTION_STORY,
    OPTION_JSON_OWN,  OPTION_HTML,         OPTION_KEYLOG_OWN,  OPTION_CAPTURE, OPTION_VERIFY_CLIENT, OPTIONS_OF_JUDGING,
    OPTIONS_OF_LOOK,  OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_server = {
    .name = "server",
    .text = N_("serve files, an echo or a plain service by TLS"),
    .more =
        N_("One line for each connection on standard output: whom it is with and what was agreed on, or why it failed. "
           "Without --www, --echo and --proxy-to each HTTP request is answered with what was agreed on. The first "
           "--cert is for clients that ask for a name that no certificate has.\n"
           "'wiretale server --make NAME' makes an authority and a certificate, serves with it, and prints the "
           "client's line. INT and TERM end it in order.\n"
           "Exit status: 0 when it was ended; 1 if it cannot listen, or output could not be written; 2 for usage "
           "errors."),
    .options = options,
    .run = run,
};

/* --- options ------------------------------------------------------------------------------------------------------ */

static bool take_service(struct server *s, const struct tool_arguments *a, const struct service *service)
{
    if (s->service && (s->service != service || a->met[a->id] > 1)) {
        tool_complain(a->command, "%s", _("--www, --echo and --proxy-to are three services: keep one"));
        return false;
    }
    s->service = service;
    if (a->id == OPTION_WWW)
        s->www = a->value;
    if (a->id != OPTION_PROXY_TO || (tool_net_parse(a->value, &s->to) && s->to.port))
        return true;
    tool_complain(a->command, _("--%s takes HOST:PORT, not '%s'"), tool_options[a->id].name, a->value);
    return false;
}

static bool take_request(struct server *s, const struct tool_arguments *a)
{
    static const char *const words[] = {
        [WT_REQUEST_NONE] = "none", [WT_REQUEST_OPTIONAL] = "optional", [WT_REQUEST_REQUIRED] = "required", NULL};
    const int word = a->value ? tool_arguments_word(a, words) : WT_REQUEST_REQUIRED;
    s->speak.options.request = (uint8_t)word;
    return word >= 0;
}

static bool take_number(struct server *s, const struct tool_arguments *a)
{
    uint64_t number;
    if (!tool_arguments_number(a, a->id == OPTION_PORT ? 0 : 1,
                               a->id == OPTION_LIMIT  ? UINT32_MAX
                               : a->id == OPTION_PORT ? 65535
                                                      : 86400,
                               &number))
        return false;
    if (a->id == OPTION_PORT)
        s->port = (uint16_t)number;
    else if (a->id == OPTION_LIMIT)
        s->limit = number;
    else
        s->milliseconds = (unsigned)number * 1000;
    return true;
}

static bool option(struct server *s, const struct tool_arguments *a)
{
    enum { EARLY_MOST = 65536, TICKETS_MOST = 8 }; /* wiretale/endpoint.h */
    uint64_t number;
    switch (a->id) {
    case OPTION_WWW:
        return take_service(s, a, &server_www);
    case OPTION_ECHO:
        return take_service(s, a, &server_echo);
    case OPTION_PROXY_TO:
        return take_service(s, a, &server_relay);
    case OPTION_EARLY_BYTES:
        if (!tool_arguments_number(a, 1, EARLY_MOST, &number))
            return false;
        s->speak.options.early_data = (uint32_t)number;
        return true;
    case OPTION_TICKETS:
        if (!tool_arguments_number(a, 0, TICKETS_MOST, &number))
            return false;
        s->speak.options.tickets = (uint8_t)number;
        s->speak.options.without_resumption = number == 0;
        return true;
    case OPTION_TICKET_KEY:
        s->ticket_file = a->value;
        return true;
    case OPTION_HIDE_PSKS:
        return s->speak.options.hides_psks = true;
    case OPTION_PORT:
    case OPTION_LIMIT:
    case OPTION_TIMEOUT:
        return take_number(s, a);
    case OPTION_LISTEN:
        s->listen = a->value;
        return true;
    case OPTION_MAKE:
        s->make = a->value;
        return true;
    case OPTION_FOLDER:
        s->folder = a->value;
        return true;
    case OPTION_VERIFY_CLIENT:
        return take_request(s, a);
    default:
        return tool_speak_option(&s->speak, a);
    }
}

/* --- serving ------------------------------------------------------------------------------------------------------ */

static bool start(struct server *s)
{
    struct wt_error error;
    s->party = wt_server_new(&s->speak.options, &error);
    if (!s->party && error.code == WT_MISSING)
        tool_complain(
            s->speak.command, "%s",
            _("missing certificate: --cert FILE --key FILE, --make NAME to have one made, or --psk-file FILE"));
    else if (!s->party)
        tool_speak_refused(&s->speak, &error);
    return s->party;
}

/* As many connections as the system gives descriptors for. */
static void raise_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

static bool listen_there(struct server *s)
{
    const char *unresolved;
    struct wt_address there;
    s->listener = tool_net_listen(s->listen, s->port, &unresolved);
    if (s->listener >= 0 && tool_net_where(s->listener, &there)) {
        s->port = there.port;
        return true;
    }
    tool_complain(s->speak.command, _("cannot listen on %s port %u: %s"), s->listen ? s->listen : "*", s->port,
                  unresolved ? unresolved : wt_error_reason(errno));
    return false;
}

static void say_ready(struct server *s)
{
    tool_complain(s->speak.command, _("listening on port %u"), s->port);
    if (s->make)
        tool_complain(s->speak.command, "wiretale client %s:%u --connect %s --ca %s/ca.pem --get /", s->make, s->port,
                      s->listen ? s->listen : "localhost", s->folder);
}

static int serve(struct server *s)
{
    int status = TOOL_USAGE;
    if (s->speak.options.early_data && s->speak.options.without_resumption) {
        tool_complain(s->speak.command, "%s", _("--early needs a session that was made before: remove --tickets 0"));
        return status;
    }
    if (s->service == &server_www && !s->speak.alpn_count)
        s->speak.alpn[s->speak.alpn_count++] = "http/1.1";
    if (!server_make_identity(s) || !server_www_open(s) || !server_relay_open(s) ||
        !tool_speak_settle(&s->speak, STDOUT_FILENO) || !server_ticket_open(s))
        return status;
    const bool started = start(s);
    server_ticket_close(s);
    if (!started)
        return status;
    raise_limit();
    status = TOOL_BAD_INPUT;
    if (listen_there(s)) {
        tool_await_signals();
        say_ready(s);
        status = server_loop(s);
    }
    return s->speak.words.failed ? TOOL_BAD_INPUT : status;
}

static int run(int argc, char **argv)
{
    enum { WAIT = 10000, PORT = 8443 };
    struct tool_arguments a = {.command = &tool_server, .argv = argv, .argc = argc};
    struct server *s = tool_checked(calloc(1, sizeof *s));
    int status = TOOL_USAGE, which;
    if (!s)
        return TOOL_BAD_INPUT;
    s->speak.command = &tool_server;
    s->milliseconds = WAIT;
    s->port = PORT;
    s->root = s->listener = -1;
    while ((which = tool_arguments_next(&a)) >= 0 && option(s, &a))
        ;
    if (!s->service)
        s->service = &server_www;
    if (which == TOOL_END && a.operands)
        tool_complain(&tool_server, _("a server takes no operands: what is '%s'?"), argv[0]);
    else if (which == TOOL_END)
        status = serve(s);
    wt_party_free(s->party);
    if (!tool_record_close(&s->speak.record) && status == TOOL_OK)
        status = TOOL_BAD_INPUT;
    tool_speak_close(&s->speak);
    for (int i = 0; i < 2; i++) {
        const int fd = i ? s->root : s->listener;
        if (fd >= 0)
            (void)close(fd);
        free(s->made[i]);
    }
    free(s->served);
    free(s->polls);
    free(s);
    return status;
}
