typedef int map_is_to_come;
