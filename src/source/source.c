typedef int source_is_to_come;
