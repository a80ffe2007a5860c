/* --make: an authority and a chain for a host, in a folder; what is there already is used. */
#include "server.h"

#include "file.h"
#include "memory.h"
#include "wiretale/issue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool write_file(struct server *s, const char *name, const char *text, bool secret)
{
    struct tool_file file;
    char *path = tool_format("%s/%s", s->folder, name);
    bool ok = path && tool_file_open(&file, s->speak.command, path, NULL, 0, true);
    if (ok) {
        if (!secret)
            (void)fchmod(file.fd, 0644);
        (void)tool_file_write(&file, text, strlen(text));
        ok = tool_file_commit(&file);
        tool_file_drop(&file);
    }
    free(path);
    return ok;
}

static bool make(struct server *s)
{
    struct wt_issued issued;
    enum wt_problem_id why;
    if (!wt_issue(s->make, (int64_t)time(NULL), &issued, &why)) {
        tool_complain(s->speak.command, "--make %s: %s", s->make, wt_problem_text(why));
        return false;
    }
    bool ok = mkdir(s->folder, 0755) == 0 || errno == EEXIST;
    if (!ok)
        tool_complain(s->speak.command, "%s: %s", s->folder, wt_error_reason(errno));
    ok = ok && write_file(s, "ca.pem", issued.authority, false) &&
         write_file(s, "ca-key.pem", issued.authority_key, true) && write_file(s, "key.pem", issued.key, true) &&
         write_file(s, "chain.pem", issued.chain, false);
    wt_issued_free(&issued);
    return ok;
}

bool server_make_identity(struct server *s)
{
    struct tool_speak *p = &s->speak;
    if (!s->make)
        return true;
    if (!s->folder)
        s->folder = s->make;
    char *chain = tool_format("%s/chain.pem", s->folder), *key = tool_format("%s/key.pem", s->folder);
    /* the second run is to be what the first one was: whoever trusts its authority goes on to */
    const bool there = chain && key && access(chain, F_OK) == 0 && access(key, F_OK) == 0;
    if (!chain || !key || (!there && !make(s))) {
        free(chain);
        free(key);
        return false;
    }
    p->cert[p->cert_count++] = s->made[0] = chain;
    p->key[p->key_count++] = s->made[1] = key;
    return true;
}
