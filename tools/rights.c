#include "rights.h"

#include "memory.h"
#include "tool.h"
#include "wiretale/live.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool tool_rights_user(const struct tool_command *command, const char *name, unsigned *uid, unsigned *gid)
{
    if (wt_live_user(name, uid, gid))
        return true;
    tool_complain(command, _("--user: cannot become '%s': no such user, or not root"), name);
    return false;
}

static bool can_make_in(const struct tool_command *command, const char *folder, unsigned uid)
{
    if (access(folder, W_OK | X_OK) == 0)
        return true;
    if (errno != EACCES)
        tool_complain(command, "%s: %s", folder, wt_error_reason(errno));
    else
        tool_complain(command,
                      _("%s: the user who goes on from here (%u) cannot make files there: name another with --user"),
                      folder, uid);
    return false;
}

bool tool_rights_may_make(const struct tool_command *command, const char *file, unsigned uid)
{
    struct stat st;
    if (stat(file, &st) == 0 && !S_ISREG(st.st_mode))
        return true; /* a device or a pipe is there, and stays */
    char *path = tool_checked(strdup(file));
    bool ok = path && can_make_in(command, dirname(path), uid);
    free(path);
    return ok;
}

void tool_rights_confine(struct tool_words *readable, const char *const *made, size_t made_count)
{
    const char *const variables[] = {getenv("SSL_CERT_DIR"), getenv("SSL_CERT_FILE")};
    bool all = true;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        all = (!variables[i] || tool_words_add(readable, variables[i])) && all;
    (void)_("out of memory"); /* so that the catalogue of sentences is open */
    if (all)
        (void)wt_live_confine_files(readable->words, readable->n, made, made_count);
    (void)wt_live_confine();
}

/* A sanitizer looks at its own process when that ends. */
static bool is_root(void)
{
    return !WT_SANITIZED && geteuid() == 0;
}

static bool stays_root(const struct tool_rights *r)
{
    return r->user && geteuid() == 0 && !strcmp(r->user, "root");
}

bool tool_rights_settle(const struct tool_rights *r)
{
    unsigned uid, gid;
    return !r->user || stays_root(r) || tool_rights_user(r->command, r->user, &uid, &gid);
}

static bool cannot_become(const struct tool_rights *r, const struct wt_problem *problem)
{
    char message[512];
    (void)wt_problem_format(problem, message, sizeof message);
    tool_complain(r->command, "%s", message);
    return false;
}

/* False: the process has to end. */
static bool become(struct tool_rights *r, char **inputs, int count, const char *made)
{
    struct wt_problem problem;
    if (made && !r->user)
        return wt_live_keep_files_only() || true;
    r->reads_any = wt_live_become_reader(r->user, (const char *const *)inputs, (size_t)count, &problem);
    if (r->reads_any)
        return !made || tool_rights_may_make(r->command, made, geteuid());
    if (r->user || geteuid() != 0)
        return cannot_become(r, &problem);
    (void)wt_live_keep_files_only();
    return true;
}

bool tool_rights_begin(struct tool_rights *r, char **inputs, int count, const char *made)
{
    if (!is_root() || stays_root(r))
        return true;
    if (!become(r, inputs, count, made))
        return false;
    struct tool_words readable = {0};
    bool all = true;
    for (size_t i = 0; i < r->folders.n; i++)
        all = tool_words_add(&readable, r->folders.words[i]) && all;
    for (int i = 0; i < count; i++)
        all = tool_words_add(&readable, inputs[i]) && all;
    if (all)
        tool_rights_confine(&readable, &made, made ? 1 : 0);
    free(readable.words);
    return true;
}

void tool_rights_end(struct tool_rights *r)
{
    struct wt_problem problem;
    /* roots that only root can read may still be needed */
    if (r->reads_any && !r->folders.n && !getenv("SSL_CERT_DIR") && !getenv("SSL_CERT_FILE"))
        (void)wt_live_drop_privileges(&problem);
    r->reads_any = false;
}

void tool_rights_free(struct tool_rights *r)
{
    free(r->folders.words);
    r->folders = (struct tool_words){0};
}
