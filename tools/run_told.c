#include "run_told.h"

#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESSES_TOLD 8 /* in a line each; when there are more, programs are */

/* Of one process; or, of those that nothing is known of, with no name. */
struct tool_told_process {
    char *program;
    uint32_t pid;
    uint64_t processes; /* 1; of a program how many it is */
    uint64_t connections, decrypted, shut, by[TOOL_KEYS_SOURCES];
    uint64_t before; /* their handshake was before we came; they stayed shut, and are not counted there */
    char *why;       /* the first that stayed shut */
    bool nss;
};

const struct wt_process *tool_told_process(void *context, const struct wt_connection *c)
{
    const struct tool_told *t = context;
    return tool_owners_find(t->owners, c);
}

/* ---- counting */

static struct tool_told_process *add_process(struct tool_told *t, const char *program, uint32_t pid)
{
    struct tool_told_process *grown = tool_grown(t->processes, t->count, &t->room, sizeof *grown);
    if (!grown)
        return NULL;
    t->processes = grown;
    struct tool_told_process *p = &t->processes[t->count];
    *p = (struct tool_told_process){.pid = pid, .processes = 1};
    if (program && !(p->program = tool_checked(strdup(program))))
        return NULL;
    t->count++;
    return p;
}

static bool is_named(const struct tool_told_process *p, const char *program)
{
    return p->program && program ? !strcmp(p->program, program) : !p->program && !program;
}

static struct tool_told_process *of(struct tool_told *t, const struct wt_process *process)
{
    const char *program = process ? process->program : NULL;
    const uint32_t pid = process ? process->pid : 0;
    for (size_t i = t->count; i--;)
        if (t->processes[i].pid == pid && is_named(&t->processes[i], program))
            return &t->processes[i];
    return add_process(t, program, pid);
}

/* The random of its ClientHello, by which key logs go (RFC 8446, 4.1.2: behind the version's two bytes). */
static const uint8_t *random_of(const struct wt_connection *c)
{
    const struct wt_message *m;
    for (size_t i = 0; (m = wt_connection_message(c, i)); i++) {
        const char *name = wt_message_type_name(m);
        if (name && !strcmp(name, "client_hello") && m->body.n >= 2 + 32)
            return m->body.p + 2;
    }
    return NULL;
}

void tool_told_connection(void *context, const struct wt_connection *c)
{
    struct tool_told *t = context;
    struct tool_told_process *p = of(t, c->process);
    const uint8_t *random = random_of(c);
    const int source = random ? tool_run_keys_source(t->keys, random) : -1;
    t->connections++;
    if (!p)
        return;
    p->connections++;
    p->nss |= c->process && tool_owners_has_nss(c->process);
    if (c->decryption != WT_DECRYPTION_NONE) {
        p->decrypted++;
        if (source >= 0)
            p->by[source]++;
    } else if (t->beside && source < 0 && (!random || c->start.ns < t->since_ns)) {
        p->before++;
    } else if (c->not_decrypted) {
        p->shut++;
        if (!p->why)
            p->why = tool_checked(strdup(source >= 0 ? c->not_decrypted : ""));
    }
}

/* ---- telling */

/* Many processes of one program become one. */
static void join(const struct tool_told *t, struct tool_told *out)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct tool_told_process *p = &t->processes[i];
        struct tool_told_process *sum = NULL;
        for (size_t j = 0; t->count > PROCESSES_TOLD && j < out->count && !sum; j++)
            if (is_named(&out->processes[j], p->program))
                sum = &out->processes[j];
        if (sum) {
            sum->processes++;
        } else {
            sum = add_process(out, p->program, p->pid);
            if (!sum)
                return;
        }
        sum->connections += p->connections;
        sum->decrypted += p->decrypted;
        sum->shut += p->shut;
        sum->nss |= p->nss;
        sum->before += p->before;
        for (int s = 0; s < TOOL_KEYS_SOURCES; s++)
            sum->by[s] += p->by[s];
        if (p->why && !sum->why)
            sum->why = tool_checked(strdup(p->why));
    }
}

static void say(struct wt_output *output, const char *line)
{
    char *shown = tool_printable(line);
    if (shown)
        tool_output_text(output, "wiretale: %s\n", shown);
    free(shown);
}

/* "SSLKEYLOGFILE", or with several how many by each. */
static void sources(const struct tool_told_process *p, char *out, size_t size)
{
    size_t n = 0;
    unsigned kinds = 0;
    for (int s = 0; s < TOOL_KEYS_SOURCES; s++)
        kinds += p->by[s] > 0;
    out[0] = '\0';
    for (int s = 0; s < TOOL_KEYS_SOURCES && n < size; s++) {
        if (!p->by[s])
            continue;
        n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : " (", tool_run_keys_name(s));
        if (kinds > 1 && n < size)
            n += (size_t)snprintf(out + n, size - n, ": %" PRIu64, p->by[s]);
    }
    if (kinds && n < size)
        (void)snprintf(out + n, size - n, ")");
}

static void connections_of(const struct tool_told_process *p, char *out, size_t size)
{
    const unsigned long n = (unsigned long)p->connections;
    if (!p->program)
        (void)snprintf(out, size,
                       ngettext_("%" PRIu64 " connection of the run", "%" PRIu64 " connections of the run", n),
                       p->connections);
    else if (p->processes > 1)
        (void)snprintf(out, size,
                       ngettext_("%" PRIu64 " connection of %s (%" PRIu64 " processes)",
                                 "%" PRIu64 " connections of %s (%" PRIu64 " processes)", n),
                       p->connections, p->program, p->processes);
    else
        (void)snprintf(out, size,
                       ngettext_("%" PRIu64 " connection of %s (pid %" PRIu32 ")",
                                 "%" PRIu64 " connections of %s (pid %" PRIu32 ")", n),
                       p->connections, p->program, p->pid);
}

/* The same for a program that runs already. */
static const char *remedy_beside(const struct tool_told *t, char *room, size_t size)
{
    size_t n = 0;
    if (*t->keyless) {
        (void)snprintf(room, size, _("no keys could be had: %s"), t->keyless);
        return room;
    }
    if (!t->nameless->n)
        return _("it has given no key away: keys are found in programs of Go, in OpenSSL, and in BoringSSL with its "
                 "symbols; if it can write a key log itself, name that with --keylog");
    char names[512] = "";
    for (size_t i = 0; i < t->nameless->n && n < sizeof names; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "", t->nameless->words[i]);
    /* TRANSLATORS: %s is a list of files */
    (void)snprintf(
        room, size,
        _("in %s no place is known where keys pass; if it can write a key log itself, name that with --keylog"), names);
    return room;
}

static bool is_among(const struct tool_words *words, const char *program)
{
    for (size_t i = 0; program && i < words->n; i++)
        if (!strcmp(words->words[i], program))
            return true;
    return false;
}

/* What would open it. */
static const char *remedy(const struct tool_told *t, const struct tool_told_process *p, char *room, size_t size)
{
    if (is_among(t->held, p->program))
        return _(
            "somebody else's probe is where its secrets pass (a uprobe: another tracer, or wiretale run --pid): run "
            "it again when that is gone");
    if (!t->beside && is_among(t->nameless, p->program))
        return _("its TLS library is linked into it and stripped of the names by which its keys are found: one "
                 "with its symbols "
                 "gives them");
    if (p->why && *p->why)
        return p->why;
    if (p->program && !strcmp(p->program, "java"))
        return _(
            "Java keeps its keys: an agent in its virtual machine, named in JAVA_TOOL_OPTIONS, can write them down as "
            "a key log for --keylog");
    if (p->nss)
        return _(
            "NSS keeps its keys as Debian builds it; one that is built with NSS_ALLOW_SSLKEYLOGFILE, as Firefox has "
            "it, writes them down");
    if (t->beside)
        return remedy_beside(t, room, size);
    if (t->no_trace)
        return _(t->no_trace);
    return _("it has given no key away; if it can write a key log itself, name that with --keylog");
}

static void print_process(const struct tool_told *t, const struct tool_told_process *p, struct wt_output *output)
{
    char line[1400], whose[512], by[160], room[1024];
    connections_of(p, whose, sizeof whose);
    sources(p, by, sizeof by);
    if (p->decrypted)
        (void)snprintf(line, sizeof line,
                       /* TRANSLATORS: whose connections; how many; in brackets how the keys were had, or nothing */
                       _("%s, %" PRIu64 " decrypted with its own keys%s"), whose, p->decrypted, by);
    else
        (void)snprintf(line, sizeof line, _("%s, none decrypted"), whose);
    say(output, line);
    if (p->before) {
        (void)snprintf(line, sizeof line,
                       _("%" PRIu64 " stayed encrypted: their handshake was before wiretale came, and only then "
                         "secrets pass"),
                       p->before);
        say(output, line);
    }
    if (!p->shut)
        return;
    (void)snprintf(line, sizeof line, _("%" PRIu64 " stayed encrypted: %s"), p->shut, remedy(t, p, room, sizeof room));
    say(output, line);
}

void tool_told_print(const struct tool_told *t, struct wt_output *output)
{
    struct tool_told sum = {0};
    char line[512];
    join(t, &sum);
    for (size_t i = 0; i < sum.count; i++)
        print_process(t, &sum.processes[i], output);
    if (!t->connections) {
        (void)snprintf(line, sizeof line, _("no TLS connection of %s"), t->program);
        say(output, line);
    }
    tool_told_free(&sum);
}

void tool_told_free(struct tool_told *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->processes[i].program);
        free(t->processes[i].why);
    }
    free(t->processes);
    t->processes = NULL;
    t->count = t->room = 0;
}
