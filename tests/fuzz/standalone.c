/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays a corpus folder through a fuzz target in builds without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        DIR *d = opendir(argv[i]);
        if (d == NULL) return 1;
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            char path[4096];
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
            if (e->d_name[0] == '.') continue;
            FILE *f = fopen(path, "rb");
            if (f == NULL) return 1;
            static uint8_t buf[1 << 20];
            size_t got = fread(buf, 1, sizeof buf, f);
            fclose(f);
            LLVMFuzzerTestOneInput(buf, got);
            n++;
        }
        closedir(d);
    }
    printf("%d inputs\n", n);
    return n == 0;
}
