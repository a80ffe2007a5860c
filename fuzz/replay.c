/* Runs a fuzz harness over the files and directories it is given: the corpora as ordinary tests, and a found crash in
 * a debugger. Fails when there was nothing to run. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

static unsigned ran;

/* Mutators are linked to it; nothing is mutated here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    (void)data;
    (void)most;
    return size;
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long size;
    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0) {
        perror(path);
        if (file)
            (void)fclose(file);
        return 1;
    }
    /* Exactly as large as the input, so that a sanitizer sees the first byte past it. */
    data = malloc(size ? (size_t)size : 1);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        free(data);
        (void)fclose(file);
        return 1;
    }
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    ran++;
    return 0;
}

static int run_directory(DIR *directory, const char *path)
{
    struct dirent *entry;
    int failed = 0;
    while ((entry = readdir(directory)) != NULL) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name)
            failed |= run_file(name);
    }
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *directory = opendir(argv[i]);
        if (directory) {
            failed |= run_directory(directory, argv[i]);
            (void)closedir(directory);
        } else {
            failed |= run_file(argv[i]);
        }
    }
    (void)printf("%u inputs\n", ran);
    return failed || ran == 0;
}
