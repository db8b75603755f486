typedef int memory_is_to_come;
