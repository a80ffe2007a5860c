/* wiretale help: the overview, and each command's help made from its table of options. */
#include "tool.h"

#include "wiretale/observer.h"

#include <stdio.h>
#include <string.h>

#define OPTION_COLUMN 28 /* where the sentences begin */
#define COMMAND_COLUMN 15

static int run(int argc, char **argv);

static const uint8_t options[] = {OPTION_LANG, OPTION_COUNT};

const struct tool_command tool_help = {
    .name = "help",
    .operands = N_("[COMMAND|FINDING]"),
    .text = N_("show what a command does and its options, or what a finding means"),
    .options = options,
    .run = run,
};

/* What is being printed, and the look that the terminal has of itself: --columns applies to reports. */
struct page {
    struct wt_output output;
    struct wt_text_options look;
};

static void begin(struct page *page)
{
    static const struct tool_look of_itself = {.columns = 0};
    tool_stdout_open(&page->output);
    page->look = tool_look_settle(&of_itself);
    page->look.color = false;
}

static void say(struct page *page, const char *lead, unsigned indent, const char *text)
{
    wt_report_text_paragraph(&page->output, lead, indent, text, &page->look);
}

int tool_help_overview(void)
{
    struct page page;
    begin(&page);
    say(&page, NULL, 0,
        _("wiretale shows what happened in every TLS connection: each message and what it means, how the connection "
          "ended, and why it failed."));
    say(&page, NULL, 0, "");
    say(&page, NULL, 0, _("usage: wiretale COMMAND [OPTION...] [ARGUMENT...]"));
    say(&page, NULL, 0, "");
    for (const struct tool_command *const *c = tool_commands; *c; c++) {
        char lead[32];
        (void)snprintf(lead, sizeof lead, "  %s", (*c)->name);
        say(&page, lead, COMMAND_COLUMN, _((*c)->text));
    }
    say(&page, NULL, 0, "");
    say(&page, NULL, 0,
        _("'wiretale help COMMAND' shows the details, 'wiretale help FINDING' what a finding means; 'wiretale --version' the "
          "version. Every command takes --lang.\n"
          "Start with: wiretale read CAPTURE"));
    return tool_stdout_close(&page.output);
}

static void print_option(struct page *page, const struct tool_option *o)
{
    const char *argument = o->argument ? _(o->argument) : NULL;
    char word[96], letter[8] = "    ";
    if (o->letter)
        (void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
    if (!argument)
        (void)snprintf(word, sizeof word, "  %s--%s", letter, o->name);
    else if (o->optional)
        (void)snprintf(word, sizeof word, "  %s--%s[=%s]", letter, o->name, argument);
    else
        (void)snprintf(word, sizeof word, "  %s--%s %s", letter, o->name, argument);
    say(page, word, OPTION_COLUMN, _(o->text));
}

/* The heading of a row of options.def. */
static const struct tool_option *heading_of(uint8_t id)
{
    while (id && tool_options[id].name)
        id--;
    return &tool_options[id];
}

int tool_help_command(const struct tool_command *c)
{
    const struct tool_option *heading = NULL;
    struct page page;
    char usage[256];
    begin(&page);
    (void)snprintf(usage, sizeof usage, _("usage: wiretale %s%s%s%s\n"), c->name, _(" [OPTION...]"),
                   c->operands ? " " : "", c->operands ? _(c->operands) : "");
    say(&page, NULL, 0, usage);
    say(&page, NULL, 0, _(c->text));
    for (const uint8_t *id = c->options; *id != OPTION_COUNT; id++) {
        if (heading != heading_of(*id)) {
            heading = heading_of(*id);
            say(&page, NULL, 0, "");
            say(&page, NULL, 0, _(heading->text));
        }
        print_option(&page, &tool_options[*id]);
    }
    if (c->more) {
        say(&page, NULL, 0, "");
        say(&page, NULL, 0, _(c->more));
    }
    return tool_stdout_close(&page.output);
}

/* ---- a finding */

static const char *severity(unsigned s)
{
    return s == WT_FATAL ? _("fatal") : s == WT_ERROR ? _("error") : s == WT_WARNING ? _("warning") : _("notice");
}

/* The catalogue knows its own language: whichever way it was chosen, the page is in that of the sentences above it. */
static unsigned language_of_pages(void)
{
    /* TRANSLATORS: not a word: the code of the language that you translate into (ISO 639-1) */
    return strcmp(_("en"), "zh") == 0 ? TOOL_PAGE_CHINESE : TOOL_PAGE_ENGLISH;
}

/* Its paragraphs are apart. */
static void say_page(struct page *page, const char *id)
{
    const struct tool_page *p = tool_pages;
    while (p->id && strcmp(p->id, id) != 0)
        p++;
    if (!p->id)
        return;
    say(page, NULL, 0, "");
    say(page, NULL, 0, p->text[language_of_pages()]);
}

static int help_finding(const struct wt_finding_kind *kind)
{
    struct page page;
    char head[128];
    begin(&page);
    /* TRANSLATORS: a finding's id and its severity */
    (void)snprintf(head, sizeof head, _("%s (%s)"), kind->id, severity(kind->severity));
    say(&page, NULL, 0, head);
    say(&page, NULL, 3, kind->text);
    if (kind->advice)
        say(&page, " →", 3, kind->advice);
    if (kind->reference)
        say(&page, NULL, 3, kind->reference);
    say_page(&page, kind->id);
    return tool_stdout_close(&page.output);
}

static bool find_finding(const char *word, struct wt_finding_kind *kind)
{
    for (size_t i = 0; wt_finding_kind(i, kind); i++)
        if (!strcmp(kind->id, word))
            return true;
    return false;
}

/* Commands and findings by name. */
static const char *nearest_of(const char *word)
{
    const char *names[512] = {NULL};
    struct wt_finding_kind kind;
    size_t n = 0, most = sizeof names / sizeof *names - 1;
    for (const struct tool_command *const *c = tool_commands; *c && n < most; c++)
        names[n++] = (*c)->name;
    for (size_t i = 0; n < most && wt_finding_kind(i, &kind); i++)
        names[n++] = kind.id;
    return tool_nearest(word, names);
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_help, .argv = argv, .argc = argc};
    struct wt_finding_kind kind;
    const char *nearest;
    if (tool_arguments_next(&a) == TOOL_WRONG)
        return TOOL_USAGE;
    if (a.operands == 0)
        return tool_help_overview();
    for (const struct tool_command *const *c = tool_commands; *c; c++)
        if (!strcmp((*c)->name, argv[0]))
            return tool_help_command(*c);
    if (find_finding(argv[0], &kind))
        return help_finding(&kind);
    nearest = nearest_of(argv[0]);
    tool_complain(&tool_help, _("no command or finding '%s'; try 'wiretale help%s%s'"), argv[0], nearest ? " " : "",
                  nearest ? nearest : "");
    return TOOL_USAGE;
}
