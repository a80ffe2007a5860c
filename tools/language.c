#include "language.h"

#include "tool.h"
#include "wiretale/language.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* What --lang takes, and which catalogue that is. English is in the source, and no catalogue is called "C". */
static const struct {
    const char *name, *catalogue;
} languages[] = {{"en", "C"}, {"zh", "zh_CN"}, {"zh_CN", "zh_CN"}};

/* A program that was built and not installed finds its catalogues beside it; one that was installed and then moved,
 * with all its prefix. */
static void bind_catalogues(void)
{
    static const char *const folders[] = {"/po", "/../share/locale"};
    static const char catalogue[] = "/zh_CN/LC_MESSAGES/wiretale.mo";
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof catalogue - 32);
    char *slash = NULL;
    if (n > 0) {
        path[n] = 0;
        slash = strrchr(path, '/');
    }
    for (size_t i = 0; slash && i < sizeof folders / sizeof *folders; i++) {
        size_t length = strlen(folders[i]);
        memcpy(slash, folders[i], length);
        memcpy(slash + length, catalogue, sizeof catalogue);
        if (access(path, R_OK) == 0) {
            slash[length] = 0;
            (void)bindtextdomain("wiretale", path);
            return;
        }
    }
    (void)bindtextdomain("wiretale", WT_LOCALE_DIR);
}

/* Sentences are UTF-8, in whatever locale: so is all that is written. */
static void speak(const char *catalogue)
{
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        (void)setlocale(LC_ALL, "C.UTF-8");
    (void)setlocale(LC_NUMERIC, "C");
    (void)setenv("LANGUAGE", catalogue, 1);
}

/* A locale that libc has no data for, as every one but C's on a small system, still says which language is wanted; its
 * data is not needed for that. gettext looks for a catalogue under every locale but "C", and LANGUAGE names which. */
static void take_over(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *wanted = NULL, *more = getenv("LANGUAGE");
    char name[64];
    for (size_t i = 0; i < sizeof variables / sizeof *variables && !(wanted && *wanted); i++)
        wanted = getenv(variables[i]);
    if (!wanted)
        return;
    size_t length = strcspn(wanted, ".@");
    if (strncasecmp(wanted + length, ".utf", 4) != 0 || length == 0 || length >= sizeof name)
        return; /* the terminal shows another character set, or nobody knows which */
    (void)snprintf(name, sizeof name, "%.*s", (int)length, wanted);
    speak(more && *more ? more : name);
}

static bool choose(const char *name)
{
    for (size_t i = 0; name && i < sizeof languages / sizeof *languages; i++) {
        if (strcmp(name, languages[i].name) != 0)
            continue;
        speak(languages[i].catalogue);
        return true;
    }
    if (name)
        tool_complain(NULL, _("--%s must be en or zh, not '%s'"), tool_options[OPTION_LANG].name, name);
    else
        tool_complain(NULL, _("--%s needs a value: en or zh"), tool_options[OPTION_LANG].name);
    return false;
}

/* Behind "--lang" or "--lang=" in a word; NULL when it is another. */
static const char *behind_name(const char *word)
{
    const char *name = tool_options[OPTION_LANG].name;
    size_t length = strlen(name);
    if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, length) != 0)
        return NULL;
    word += 2 + length;
    return *word == '=' || !*word ? word : NULL;
}

bool tool_language(int *argc, char **argv)
{
    const char *chosen = NULL;
    bool asked = false;
    int kept = 1, end = *argc;
    if (!setlocale(LC_ALL, ""))
        take_over();
    (void)setlocale(LC_NUMERIC, "C"); /* JSON and figures keep their point */
    bind_catalogues();
    (void)bind_textdomain_codeset("wiretale", "UTF-8");
    /* what else can be shown is not UTF-8: ASCII always can, and that is English */
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        (void)setenv("LANGUAGE", "C", 1);
    int at = 1;
    while (at < *argc && behind_name(argv[at]))
        at += *behind_name(argv[at]) ? 1 : 2;
    if (at < *argc && !strcmp(argv[at], tool_run.name)) /* what is behind the program is its own */
        end = at + 1 + tool_arguments_program(&tool_run, *argc - at - 1, argv + at + 1);
    for (int i = 1; i < *argc; i++) {
        if (!strcmp(argv[i], "--") || i >= end) {
            while (i < *argc)
                argv[kept++] = argv[i++];
        } else if (behind_name(argv[i])) {
            const char *behind = behind_name(argv[i]);
            asked = true;
            chosen = *behind ? behind + 1 : i + 1 < *argc ? argv[++i] : NULL;
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    *argc = kept;
    bool chose = !asked || choose(chosen);
    wt_language_settle();
    return chose;
}
