typedef int block_is_to_come;
