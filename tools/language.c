#include "language.h"

#include "tool.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What --lang takes, and which catalogue that is. English stands in the source. */
static const struct {
    const char *name, *catalogue;
} languages[] = {{"en", "C"}, {"zh", "zh_CN"}, {"zh_CN", "zh_CN"}};

/* A program that was built and not installed finds its catalogues beside it. */
static void bind_catalogues(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof "/po/zh_CN");
    char *slash = NULL;
    if (n > 0) {
        path[n] = 0;
        slash = strrchr(path, '/');
    }
    if (slash) {
        memcpy(slash, "/po/zh_CN", sizeof "/po/zh_CN");
        if (access(path, X_OK) == 0) {
            slash[3] = 0;
            (void)bindtextdomain("wiretale", path);
            return;
        }
    }
    (void)bindtextdomain("wiretale", WT_LOCALE_DIR);
}

static bool choose(const char *name)
{
    for (size_t i = 0; name && i < sizeof languages / sizeof *languages; i++) {
        if (strcmp(name, languages[i].name) != 0)
            continue;
        /* gettext looks for a catalogue under every locale but "C", and LANGUAGE names which; without one of its own it
         * leaves the English that stands in the source */
        const char *locale = setlocale(LC_MESSAGES, NULL);
        if (!locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX"))
            (void)setlocale(LC_ALL, "C.UTF-8");
        (void)setlocale(LC_NUMERIC, "C");
        (void)setenv("LANGUAGE", languages[i].catalogue, 1);
        return true;
    }
    tool_complain(NULL, _("--lang takes en or zh, not '%s'"), name ? name : "");
    return false;
}

bool tool_language(int *argc, char **argv)
{
    const char *chosen = NULL;
    bool asked = false;
    int kept = 1;
    (void)setlocale(LC_ALL, "");
    (void)setlocale(LC_NUMERIC, "C"); /* JSON and figures keep their point */
    bind_catalogues();
    for (int i = 1; i < *argc; i++) {
        if (!strcmp(argv[i], "--")) {
            while (i < *argc)
                argv[kept++] = argv[i++];
        } else if (!strncmp(argv[i], "--lang=", 7)) {
            asked = true;
            chosen = argv[i] + 7;
        } else if (!strcmp(argv[i], "--lang")) {
            asked = true;
            chosen = i + 1 < *argc ? argv[++i] : NULL;
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    *argc = kept;
    return !asked || choose(chosen);
}
